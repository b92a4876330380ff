using Air.Orleans.Core;
using Air.Orleans.Core.Checkpoints;
using Air.Orleans.Core.Checkpoints.Control;

namespace Air.Orleans.Cluster.Tests.Faults;

/// <inheritdoc cref="IFencedGrain"/>
[KeepAlive]
internal sealed class FencedGrain(
    [PersistentState("fenced", AirOptions.StorageName)] IPersistentState<FencedState> state,
    CheckpointStore checkpoints,
    ILocalSiloDetails silo
) : Grain, IFencedGrain
{
    public const string StateWritten = "fenced: state written";
    public const string CheckpointWritten = "fenced: checkpoint written";
    public const string StateRefused = "fenced: state refused by ";
    public const string CheckpointRefused = "fenced: checkpoint refused by ";

    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(20);

    /// <summary>A silence between two ticks that no load of the machine explains.</summary>
    private static readonly TimeSpan Stopped = TimeSpan.FromSeconds(15);

    private bool _isWatching;

    public async Task<SiloAddress> BeginAsync(int epoch)
    {
        await checkpoints.BookOf(this.GetPrimaryKeyString()).BeginEpochAsync(epoch, new CheckpointRules());
        state.State.Epoch = epoch;
        await state.WriteStateAsync();
        await CommitAsync();
        if (!_isWatching)
        {
            _isWatching = true;
            _ = WriteAfterStopAsync();
        }

        return silo.SiloAddress;
    }

    public async Task<int> EpochAsync()
    {
        await state.ReadStateAsync();
        return state.State.AfterStop ? -1 : state.State.Epoch;
    }

    private async Task CommitAsync()
    {
        var run = this.GetPrimaryKeyString();
        await checkpoints.CommitAsync(
            new CheckpointManifest
            {
                Id = $"{run}/{Guid.NewGuid():N}",
                Epoch = state.State.Epoch,
                Iteration = state.State.Epoch,
            },
            new CheckpointContent().With("epoch", BitConverter.GetBytes(state.State.Epoch))
        );
    }

    private async Task WriteAfterStopAsync()
    {
        using var timer = new PeriodicTimer(Tick);
        long last;
        do
        {
            last = TimeProvider.System.GetTimestamp();
            await timer.WaitForNextTickAsync();
        } while (TimeProvider.System.GetElapsedTime(last) < Stopped);

        state.State.AfterStop = true;
        await SayAsync(() => state.WriteStateAsync(), StateWritten, StateRefused);
        await SayAsync(CommitAsync, CheckpointWritten, CheckpointRefused);
    }

    private static async Task SayAsync(Func<Task> attempt, string written, string refused)
    {
        string outcome;
        try
        {
            await attempt();
            outcome = written;
        }
        catch (Exception error)
        {
            outcome = $"{refused}{error.GetType().Name}";
        }

        await Console.Out.WriteLineAsync(outcome);
    }
}
