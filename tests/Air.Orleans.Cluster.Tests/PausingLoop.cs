using Air.Orleans.Core;
using Air.Orleans.Data;
using Air.Orleans.Train;
using Apache.Arrow;

namespace Air.Orleans.Cluster.Tests;

public sealed record PausingParameters
{
    public int Epochs { get; init; } = 20;

    /// <summary>Before this epoch the first attempt waits, until it is killed.</summary>
    public int? PauseBefore { get; init; }
}

/// <summary>Fits y = w x by gradient descent on all workers; resumes from its checkpoint bit for bit.</summary>
public sealed class PausingLoop : ITrainLoop<PausingParameters>
{
    public void Run(TrainContext context, PausingParameters parameters)
    {
        var weight = 0f;
        if (context.Checkpoint is { } checkpoint)
        {
            weight = BitConverter.ToSingle(checkpoint.Read("weight").Span);
        }

        for (var epoch = context.Iteration; epoch < parameters.Epochs; epoch++)
        {
            if (epoch == parameters.PauseBefore && context.Checkpoint is null)
            {
                context.CancellationToken.WaitHandle.WaitOne();
            }

            var gradient = new float[1];
            double loss = 0;
            foreach (var batch in context.Dataset("train").ShuffledBatches(16, epoch))
            {
                var ids = (Int64Array)batch.Column("id");
                for (var row = 0; row < batch.Length; row++)
                {
                    var x = ids.GetValue(row)!.Value / 100f;
                    var error = (weight * x) - (3 * x);
                    gradient[0] += 2 * error * x;
                    loss += error * error;
                }
            }

            context.AllReduceSum(gradient.AsSpan());
            weight -= 1e-3f * gradient[0];
            var total = context.Sum(loss);
            context.Report(
                new Dictionary<string, double> { ["loss"] = total[0], ["weight"] = weight },
                new CheckpointContent().With("weight", BitConverter.GetBytes(weight))
            );
        }
    }

    internal static DataParallelTrainer<PausingParameters> Trainer(IAirCluster air, int? pauseBefore) =>
        new(new PausingLoop())
        {
            Parameters = new() { PauseBefore = pauseBefore },
            Datasets = { ["train"] = air.Data.Range(100, blocks: 5) },
            Scaling = new() { Workers = 2 },
            Checkpoints = new() { Keep = 2 },
        };
}
