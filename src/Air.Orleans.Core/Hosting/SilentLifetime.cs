using Microsoft.Extensions.Hosting;

namespace Air.Orleans.Core.Hosting;

/// <summary>
/// Leaves signals alone: SIGTERM and Ctrl+C are the program's, which has them end it, or does with them what it likes. What a host has by
/// default would stop the host and let the program run on.
/// </summary>
internal sealed class SilentLifetime : IHostLifetime
{
    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
