namespace Air.Orleans.Core.Resilience;

/// <summary>Wakes all who wait for the next change. For one activation's turns only.</summary>
internal sealed class ChangeSignal
{
    private TaskCompletionSource _source = New();

    /// <summary>Ends with the next change.</summary>
    public Task Next => _source.Task;

    public void Set()
    {
        var told = _source;
        _source = New();
        told.SetResult();
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
