using Air.Orleans.Serve.Http;
using Air.Orleans.Serve.Rows;

namespace Air.Orleans.Serve.Replicas;

/// <summary>
/// A replica in this process: the object behind a replica grain, which the silo's own ingress calls without a message. Rows are read
/// and checked on the caller's thread, so that a bad request reaches no batch; the model runs on the replica's thread. Thread-safe.
/// </summary>
internal sealed class ReplicaHost
{
    private readonly RequestBatcher _batcher;
    private readonly int _maxOngoing;
    private ServedModel? _model;
    private int _ongoing;

    /// <summary>Begins to load the model, on the replica's thread.</summary>
    public ReplicaHost(string key, int maxBatchRows, int maxOngoing, Func<ServedModel> load)
    {
        Key = key;
        _maxOngoing = maxOngoing;
        _batcher = new RequestBatcher($"air-serve-{key}", maxBatchRows, () => new BatchRunner(_model = load()));
    }

    public string Key { get; }

    /// <summary>Ends when the model is there, or with the error of loading it.</summary>
    public Task Loaded => _batcher.Loaded;

    /// <summary>How many requests wait or are computed.</summary>
    public int Ongoing => Volatile.Read(ref _ongoing);

    /// <summary>The answer to a body; only after <see cref="Loaded"/>.</summary>
    public async Task<ReplicaAnswer> PredictAsync(byte[] body)
    {
        if (Interlocked.Increment(ref _ongoing) > _maxOngoing)
        {
            Interlocked.Decrement(ref _ongoing);
            return ReplicaAnswer.Busy;
        }

        try
        {
            var request = new PendingRequest(RowParser.Parse(body, _model!.Layouts));
            return _batcher.TryAdd(request) ? await request.Answer : ReplicaAnswer.Gone;
        }
        catch (ProblemException error)
        {
            return ReplicaAnswer.Of(error.Problem);
        }
        catch (AirException error)
        {
            return ReplicaAnswer.Of(RowProblems.OfColumns(error));
        }
        finally
        {
            Interlocked.Decrement(ref _ongoing);
        }
    }

    /// <summary>
    /// Takes no more requests at once, and waits until those it has are answered. Past <paramref name="patience"/> the ones whose
    /// batch has not begun are given back as gone.
    /// </summary>
    public async Task StopAsync(TimeSpan patience, TimeProvider time)
    {
        _batcher.Close();
        try
        {
            await _batcher.Ended.WaitAsync(patience, time);
        }
        catch (TimeoutException)
        {
            // A model that computes cannot be interrupted; its thread ends after this batch.
            _batcher.Abandon();
        }
    }
}
