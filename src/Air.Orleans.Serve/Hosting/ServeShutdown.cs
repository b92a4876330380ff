namespace Air.Orleans.Serve.Hosting;

/// <summary>Says that this silo stops, so that nobody is kept waiting by a call that waits for news.</summary>
internal sealed class ServeShutdown : IDisposable
{
    private readonly CancellationTokenSource _stopping = new();

    public CancellationToken Token => _stopping.Token;

    public Task StopAsync() => _stopping.CancelAsync();

    public void Dispose() => _stopping.Dispose();
}
