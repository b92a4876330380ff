using Air.Orleans.Core.Resilience;
using Microsoft.Extensions.Logging;

namespace Air.Orleans.Serve.Grains;

/// <content>Silos that drain.</content>
internal sealed partial class ServeControllerGrain
{
    public Task<LeftSilo?> LeaveAsync(SiloAddress silo, string[] replicas)
    {
        _leaving.Add(silo);
        _ingresses.Remove(silo);
        return _work.WaitAsync($"leave {silo}", () => MoveAsync(silo, replicas));
    }

    private async Task<LeftSilo> MoveAsync(SiloAddress silo, string[] replicas)
    {
        // One replica of a deployment after another, so that its others answer meanwhile.
        var moves = replicas.GroupBy(static key => key.Split('/')[0]).Select(keys => MoveAllAsync(silo, keys));
        return new LeftSilo((await Task.WhenAll(moves)).Sum());
    }

    private async Task<int> MoveAllAsync(SiloAddress silo, IEnumerable<string> keys)
    {
        var moved = 0;
        foreach (var key in keys)
        {
            moved += await MoveAsync(silo, key) ? 1 : 0;
        }

        return moved;
    }

    /// <summary>
    /// The replica answers what it has and ends, and is loaded elsewhere. Requests that come between go to its siblings, or wake it on
    /// another silo and wait. One whose lease has no other place stays while its silo does.
    /// </summary>
    private async Task<bool> MoveAsync(SiloAddress silo, string key)
    {
        var parts = key.Split('/');
        var index = ReplicaGrain.IndexOf(key);
        var wanted = State.Deployments.GetValueOrDefault(parts[0]);
        try
        {
            if (wanted is null || $"{wanted.Version}" != parts[1])
            {
                return false;
            }

            if (!await Leases.StandsElsewhereAsync(wanted, index, silo))
            {
                return false;
            }

            await StopAsync(Replica(parts[0], wanted.Version, index));
            await LoadReplicaAsync(wanted, index);
            LogMoved(key, silo);
            return true;
        }
        catch (Exception error) when (GrainCalls.IsTransient(error) || error is AirException)
        {
            // It is looked after as any that was lost.
            LogStillLost(key, error);
            return false;
        }
    }

    [LoggerMessage(6014, LogLevel.Information, "Replica '{Replica}' has left silo {Silo}, which drains.")]
    private partial void LogMoved(string replica, SiloAddress silo);
}
