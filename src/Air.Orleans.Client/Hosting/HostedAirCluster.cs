namespace Air.Orleans.Hosting;

/// <summary>The cluster that a host of the user belongs to or is connected to; the host ends it.</summary>
internal sealed class HostedAirCluster(IServiceProvider services) : IAirCluster
{
    public IServiceProvider Services => services;

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
