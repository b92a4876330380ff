namespace Air.Orleans.Core.Resilience;

/// <summary>
/// Writes a grain's state one write at a time. Who asks while a write runs shares the next one with all others who do, as
/// that one has everything up to its begin. For one activation's turns only.
/// </summary>
internal sealed class SharedWrite(Func<Task> write)
{
    private readonly SemaphoreSlim _turn = new(1);
    private Task? _next;

    /// <summary>Ends when everything up to now is written.</summary>
    public Task RunAsync() => _next ??= RunNextAsync();

    private async Task RunNextAsync()
    {
        // So that the task is known as the next one before it begins.
        await Task.Yield();
        await _turn.WaitAsync();
        try
        {
            _next = null;
            await write();
        }
        finally
        {
            _turn.Release();
        }
    }
}
