using Air.Orleans.Core.Resilience;
using Air.Orleans.Quickstart;
using Microsoft.Extensions.DependencyInjection;

namespace Air.Orleans.Cluster.Tests;

/// <summary>Follows the quick start, and kills the silo of a role in the step that the role names.</summary>
internal sealed class SiloKiller(SiloProcesses silos, SiloRole role) : IQuickstartProgress
{
    private readonly TaskCompletionSource _killed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _ending = new(TimeSpan.FromMinutes(2));
    private HashSet<GrainId> _before = [];
    private Task<SiloProcess>? _finding;
    private SiloProcess? _victim;
    private Task _replacing = Task.CompletedTask;
    private volatile string _step = "";

    /// <summary>Ends with the kill, or with the error that there is no such silo.</summary>
    public Task Killed => _killed.Task;

    /// <summary>The quick start goes on when this returns, so nothing is missed.</summary>
    public void Begin(string step)
    {
        if (step == role.Since)
        {
            _before = [.. Grains().GetAwaiter().GetResult().Select(static grain => grain.GrainId)];
        }

        if (step == role.Step)
        {
            _finding = FindAsync();
            if (role.After is null)
            {
                _ = KillAsync();
            }
        }

        // Last: nothing counts for this step before it is prepared.
        _step = step;
    }

    /// <summary>The step goes on meanwhile where the cluster carries it; where the client does, it waits for the kill.</summary>
    public void Advance(double fraction, string detail)
    {
        if (_step == role.Step && fraction >= role.After)
        {
            KillAsync().GetAwaiter().GetResult();
        }
    }

    public void End(string step, string outcome) { }

    /// <summary>Looks for no silo any more, and puts a new one in the place of the killed one, where that is not done yet.</summary>
    public async Task RestoreAsync()
    {
        await _ending.CancelAsync();
        await _replacing;
        if (_victim is { } victim && silos.All.Contains(victim))
        {
            await silos.RestartAsync(victim);
        }
    }

    private async Task KillAsync()
    {
        try
        {
            var victim = await _finding!;
            if (Interlocked.CompareExchange(ref _victim, victim, null) is null)
            {
                victim.Kill();
                _replacing = role.IsReplaced ? silos.RestartAsync(victim) : Task.CompletedTask;
                _killed.SetResult();
            }
        }
        catch (Exception error)
        {
            _killed.TrySetException(error);
        }
    }

    private async Task<SiloProcess> FindAsync()
    {
        while (true)
        {
            _ending.Token.ThrowIfCancellationRequested();
            var grain = (await Grains()).FirstOrDefault(grain =>
                grain.GrainId.Type.ToString() == role.GrainType
                && !_before.Contains(grain.GrainId)
                && grain.GrainId.Key.ToString()!.EndsWith(role.KeyEnd, StringComparison.Ordinal)
            );
            if (grain is not null)
            {
                return silos.At(grain.SiloAddress.Endpoint.Port);
            }
        }
    }

    private async Task<DetailedGrainStatistic[]> Grains()
    {
        var management = silos.Air.Services.GetRequiredService<IGrainFactory>().GetGrain<IManagementGrain>(0);
        return await GrainCalls.RetryAsync(() => management.GetDetailedGrainStatistics());
    }
}
