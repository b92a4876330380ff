namespace Air.Orleans.Hosting;

/// <summary>Starts the connection with the application, which does not wait for it, and ends it with the application.</summary>
internal sealed class ConnectionService(AirConnection connection) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        connection.Start();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => connection.DisposeAsync().AsTask();
}
