using Air.Orleans.Core.Resilience;
using Air.Orleans.Serve.Grains;
using Air.Orleans.Serve.Http;
using Air.Orleans.Serve.Routing;
using Microsoft.Extensions.Logging;

namespace Air.Orleans.Serve.Hosting;

/// <summary>
/// What Serve does as its silo starts and stops: HTTP, and a router that hears of changes as they happen. Both begin in the
/// background, so that the silo's start does not wait for them.
/// </summary>
internal sealed partial class ServeSilo(
    HttpIngress ingress,
    DeploymentRouter router,
    ServeShutdown shutdown,
    IGrainFactory grains,
    ILocalSiloDetails silo,
    TimeProvider time,
    ILogger<ServeSilo> logger
) : ILifecycleParticipant<ISiloLifecycle>
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private Task _watching = Task.CompletedTask;

    public void Participate(ISiloLifecycle observer) =>
        observer.Subscribe(
            nameof(ServeSilo),
            ServiceLifecycleStage.Active,
            _ =>
            {
                ingress.Start();
                _watching = WatchAsync();
                return Task.CompletedTask;
            },
            async _ =>
            {
                await shutdown.StopAsync();
                await Task.WhenAll(ingress.StopAsync(), _watching);
            }
        );

    private async Task WatchAsync()
    {
        // The silo's start does not wait for what follows.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        var controller = grains.GetGrain<IServeControllerGrain>(0);
        try
        {
            var address = await ingress.AddressOrNullAsync().WaitAsync(shutdown.Token);
            while (true)
            {
                try
                {
                    var seen = router.Map.Table.Version;
                    var table = await controller
                        .WatchAsync(seen, Patience, silo.SiloAddress, address)
                        .WaitAsync(shutdown.Token);
                    router.Update(table);
                }
                catch (Exception error) when (error is not OperationCanceledException)
                {
                    LogWatchLost(error);
                    if (!GrainCalls.IsTransient(error))
                    {
                        await Task.Delay(Pause, time, shutdown.Token);
                    }
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The silo stops.
        }
    }

    [LoggerMessage(6020, LogLevel.Debug, "The controller of deployments did not answer; it is asked again.")]
    private partial void LogWatchLost(Exception error);
}
