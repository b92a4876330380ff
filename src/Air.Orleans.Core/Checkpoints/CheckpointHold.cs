using Air.Orleans.Core.Checkpoints.Grains;
using Air.Orleans.Core.Resilience;

namespace Air.Orleans.Core.Checkpoints;

/// <summary>
/// Keeps a checkpoint from being deleted while it is used: a pin that its holder renews, and that runs out where the holder is lost.
/// Disposing it ends the pin.
/// </summary>
internal sealed class CheckpointHold : IAsyncDisposable
{
    /// <summary>How long a pin lasts after its holder was last heard of.</summary>
    public static readonly TimeSpan Duration = TimeSpan.FromMinutes(15);

    private readonly IRunCheckpointsGrain _book;
    private readonly string _id;
    private readonly string _holder;
    private readonly TimeProvider _time;
    private long _renewed;

    private CheckpointHold(IRunCheckpointsGrain book, string id, string holder, TimeProvider time)
    {
        _book = book;
        _id = id;
        _holder = holder;
        _time = time;
        _renewed = time.GetTimestamp();
    }

    /// <summary>Takes a pin.</summary>
    /// <exception cref="CheckpointException">There is no such checkpoint.</exception>
    public static async Task<CheckpointHold> TakeAsync(
        IRunCheckpointsGrain book,
        string id,
        string holder,
        TimeProvider time,
        CancellationToken cancellationToken
    )
    {
        await GrainCalls.RetryAsync(() => book.PinAsync(id, holder, Duration), cancellationToken);
        return new CheckpointHold(book, id, holder, time);
    }

    /// <summary>Renews the pin where a third of its time is over.</summary>
    public async ValueTask RenewAsync(CancellationToken cancellationToken)
    {
        if (_time.GetElapsedTime(_renewed) > Duration / 3)
        {
            await GrainCalls.RetryAsync(() => _book.PinAsync(_id, _holder, Duration), cancellationToken);
            _renewed = _time.GetTimestamp();
        }
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            await GrainCalls.RetryAsync(() => _book.UnpinAsync(_id, _holder));
        }
        catch (Exception error) when (error is AirException || GrainCalls.IsTransient(error))
        {
            // It runs out by itself.
        }
    }
}
