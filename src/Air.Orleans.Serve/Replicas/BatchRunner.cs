using Air.Orleans.Serve.Diagnostics;
using Air.Orleans.Serve.Rows;

namespace Air.Orleans.Serve.Replicas;

/// <summary>A request that waits for its batch.</summary>
internal sealed class PendingRequest(RowTable rows)
{
    private readonly TaskCompletionSource<ReplicaAnswer> _answer = new(
        TaskCreationOptions.RunContinuationsAsynchronously
    );

    public RowTable Rows => rows;

    public Task<ReplicaAnswer> Answer => _answer.Task;

    public void Complete(ReplicaAnswer answer) => _answer.TrySetResult(answer);
}

/// <summary>
/// Scores the rows of several requests at once and gives each its own. Where a batch fails, its requests are scored one by
/// one, so that one request's rows never spoil another's answer. Used by one thread.
/// </summary>
internal sealed class BatchRunner(ServedModel model) : IDisposable
{
    private readonly AnswerWriter _writer = new();

    public void Run(IReadOnlyList<PendingRequest> requests)
    {
        if (requests.Count == 1)
        {
            RunAlone(requests[0]);
            return;
        }

        foreach (var alike in requests.GroupBy(static request => request.Rows.Layout))
        {
            RunTogether([.. alike]);
        }
    }

    /// <summary>Lets go of the model as well.</summary>
    public void Dispose()
    {
        _writer.Dispose();
        model.Dispose();
    }

    private void RunTogether(PendingRequest[] requests)
    {
        var done = 0;
        try
        {
            var predictions = Predict([.. requests.Select(static request => request.Rows)]);
            var row = 0;
            foreach (var request in requests)
            {
                var body = _writer.Write(predictions, row, request.Rows.RowCount);
                row += request.Rows.RowCount;
                request.Complete(ReplicaAnswer.Predictions(body));
                done++;
            }
        }
        catch (Exception) when (requests.Length > 1)
        {
            foreach (var request in requests.AsSpan(done))
            {
                RunAlone(request);
            }
        }
        catch (Exception error)
        {
            requests[0].Complete(ReplicaAnswer.Of(RowProblems.Of(error, requests[0].Rows)));
        }
    }

    private void RunAlone(PendingRequest request) => RunTogether([request]);

    private RecordBatch Predict(RowTable[] tables)
    {
        var rows = RowBatch.Join(tables);
        ServeMeter.BatchRows.Record(rows.Length);
        return model.Predict(rows);
    }
}
