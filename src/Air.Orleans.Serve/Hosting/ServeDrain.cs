using Air.Orleans.Core.Resilience;
using Air.Orleans.Core.Silos;
using Air.Orleans.Serve.Grains;
using Air.Orleans.Serve.Replicas;

namespace Air.Orleans.Serve.Hosting;

/// <summary>
/// The replicas of a silo that drains: the controller is told, names its HTTP endpoint to nobody any more, and has each replica loaded on
/// another silo. What still comes here meanwhile is answered by those.
/// </summary>
internal sealed class ServeDrain(
    ReplicaDirectory directory,
    IGrainFactory grains,
    ILocalSiloDetails silo,
    TimeProvider time
) : IDrainPart
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    public DrainPhase Phase => DrainPhase.Moving;

    public string Name => "replicas";

    public IReadOnlyList<string> Held => directory.Keys;

    public async Task DrainAsync(CancellationToken limit)
    {
        var controller = grains.GetGrain<IServeControllerGrain>(0);
        while (true)
        {
            await GrainCalls.PollAsync(() => controller.LeaveAsync(silo.SiloAddress, [.. directory.Keys]), limit);
            if (directory.Keys.Count == 0)
            {
                return;
            }

            // Their lease has no other place yet, or a request woke one again.
            await Task.Delay(Pause, time, limit);
        }
    }
}
