using Microsoft.Extensions.Hosting;

namespace Air.Orleans.Silo.Running;

/// <summary>Listens to no signal: the program does that for all its hosts (<see cref="StopSignals"/>).</summary>
internal sealed class SilentLifetime : IHostLifetime
{
    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
