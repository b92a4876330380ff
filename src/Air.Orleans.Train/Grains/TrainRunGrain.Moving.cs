using Air.Orleans.Core.Resources;
using Air.Orleans.Train.Control;
using Orleans.Runtime.Placement;

namespace Air.Orleans.Train.Grains;

/// <content>The run as its own silo drains.</content>
internal sealed partial class TrainRunGrain
{
    private bool _isMoving;

    public async Task LeaveAsync(SiloAddress silo)
    {
        if (
            !silo.Equals(services.GetRequiredService<ILocalSiloDetails>().SiloAddress)
            || _driving is null or { IsCompleted: true }
        )
        {
            drain.RemoveRun(Name);
        }
        else if (_attempt is { } attempt)
        {
            // The driving moves when they have ended.
            await attempt.MoveAsync();
        }
        else if (State.Status != TrainStatus.Running)
        {
            await MoveAsync();
        }

        // An attempt that has just ended, or is about to begin: the driving writes that down, and moves.
    }

    /// <summary>The next activation reads the state, and goes on; this one writes nothing more.</summary>
    private async Task MoveAsync()
    {
        if (_isMoving)
        {
            return;
        }

        _isMoving = true;
        await WriteNoMoreAsync(CancellationToken.None);
        Changed("moves to another silo");
        var here = services.GetRequiredService<ILocalSiloDetails>().SiloAddress;
        var others = await services.GetRequiredService<IManagementView>().ActiveSilosAsync();
        if (others.FirstOrDefault(silo => !silo.Equals(here)) is { } other)
        {
            RequestContext.Set(IPlacementDirector.PlacementHintKey, other);
            MigrateOnIdle();
            RequestContext.Remove(IPlacementDirector.PlacementHintKey);
        }
        else
        {
            DeactivateOnIdle();
        }
    }

    /// <summary>Ends when the write that is under way has; another activation may read then.</summary>
    private async Task WriteNoMoreAsync(CancellationToken cancellationToken)
    {
        _isLeaving = true;
        await _writing.WaitAsync(cancellationToken);
        _writing.Release();
    }
}
