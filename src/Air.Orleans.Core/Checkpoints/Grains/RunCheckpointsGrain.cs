using Air.Orleans.Core.Checkpoints.Control;
using Air.Orleans.Core.DataPlane;
using Microsoft.Extensions.Logging;
using Orleans.Storage;

namespace Air.Orleans.Core.Checkpoints.Grains;

/// <inheritdoc cref="IRunCheckpointsGrain"/>
[GrainType("air.core.run-checkpoints")]
internal sealed partial class RunCheckpointsGrain(
    [PersistentState("air.run-checkpoints", AirOptions.StorageName)] IPersistentState<CheckpointBook> book,
    ShardStorage shards,
    DataServer dataServer,
    TimeProvider time,
    ILogger<RunCheckpointsGrain> logger
) : Grain, IRunCheckpointsGrain
{
    private const int Attempts = 3;

    private string Run => this.GetPrimaryKeyString();

    public Task BeginEpochAsync(int epoch, CheckpointRules rules) => ChangeAsync(book => book.Begin(epoch, rules));

    public Task<int> EpochAsync() => Task.FromResult(book.State.Epoch);

    public Task ReserveAsync(CheckpointDraft draft) => ChangeAsync(book => book.Reserve(draft));

    public Task CommitAsync(CheckpointManifest manifest) =>
        ChangeAsync(book => book.Commit(manifest, time.GetUtcNow()));

    public async Task<bool> AbandonAsync(string id)
    {
        await ChangeAsync(book => book.Abandon(id));
        return book.State.Find(id) is not null;
    }

    public Task<CheckpointManifest[]> ListAsync() => Task.FromResult(book.State.Committed);

    public Task<CheckpointManifest?> GetAsync(string id) => Task.FromResult(book.State.Find(id));

    public async Task<bool> DeleteAsync(string id)
    {
        var there = book.State.Find(id) is not null;
        await ChangeAsync(book => book.Delete(id, time.GetUtcNow()));
        return there;
    }

    public Task PinAsync(string id, string holder, TimeSpan duration) =>
        ChangeAsync(book => book.Pin(new CheckpointPin(id, holder, time.GetUtcNow() + duration)));

    public Task UnpinAsync(string id, string holder) => ChangeAsync(book => book.Unpin(id, holder));

    public Task<DataEndpoint> EndpointAsync() => Task.FromResult(dataServer.Endpoint);

    private async Task ChangeAsync(Func<CheckpointBook, CheckpointBook> change)
    {
        await WriteAsync(change);
        await SweepAsync();
    }

    /// <summary>Writes the changed book. Where another activation has written meanwhile, its book is read and changed instead.</summary>
    private async Task WriteAsync(Func<CheckpointBook, CheckpointBook> change)
    {
        for (var attempt = 1; ; attempt++)
        {
            var before = book.State;
            var after = change(before);
            if (ReferenceEquals(before, after))
            {
                return;
            }

            book.State = after;
            try
            {
                await book.WriteStateAsync();
                return;
            }
            catch (InconsistentStateException) when (attempt < Attempts)
            {
                await book.ReadStateAsync();
            }
            catch (Exception error)
            {
                book.State = before;
                DeactivateOnIdle();
                throw new CheckpointException(
                    $"The storage refuses to record the checkpoints of run '{Run}': {error.Message} Nothing has changed; the latest "
                        + $"checkpoint stays {(before.Latest is { } latest ? $"'{latest.Id}'" : "none")}.",
                    error
                );
            }
        }
    }

    /// <summary>Deletes shards that the book has let go of. What cannot be deleted now is tried again after the next change.</summary>
    private async Task SweepAsync()
    {
        DoomedShards[] doomed = [.. book.State.ToSweep()];
        if (doomed.Length == 0)
        {
            return;
        }

        try
        {
            foreach (var name in doomed.SelectMany(static one => one.Draft.Shards()))
            {
                await shards.DeleteAsync(name);
            }

            await WriteAsync(book => book.Swept(doomed));
        }
        catch (Exception error)
        {
            LogNotSwept(Run, error);
        }
    }

    [LoggerMessage(1030, LogLevel.Warning, "Shards of run '{Run}' that nobody needs could not be deleted yet.")]
    private partial void LogNotSwept(string run, Exception error);
}
