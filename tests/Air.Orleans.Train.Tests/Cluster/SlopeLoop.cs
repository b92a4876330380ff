namespace Air.Orleans.Train.Tests.Cluster;

/// <summary>Fits y = 3 x by gradient descent, resuming from its checkpoint.</summary>
public sealed class SlopeLoop : ITrainLoop<SlopeParameters>
{
    public const string WeightFile = "weight";

    public void Run(TrainContext context, SlopeParameters parameters)
    {
        var weight = context.Checkpoint is { } checkpoint
            ? BitConverter.ToSingle(checkpoint.Read(WeightFile).Span)
            : 0f;
        var shard = context.Dataset(parameters.Dataset);
        var faulty = context.Rank == parameters.FaultyRank;
        var reports = faulty ? parameters.FaultyReports ?? parameters.Reports : parameters.Reports;
        while (context.Iteration < reports)
        {
            var number = context.Iteration + 1;
            if (context.Checkpoint is null && number == parameters.WaitAt)
            {
                context.CancellationToken.WaitHandle.WaitOne();
            }

            if (faulty && context.Checkpoint is null && number == parameters.ThrowAt)
            {
                throw new InvalidOperationException("the cat sat on the keyboard");
            }

            var (gradient, loss) = Step(shard, number, weight);
            context.AllReduceSum(gradient.AsSpan());
            weight -= gradient[0] / shard.TotalRows;
            var total = context.Sum(loss)[0];
            var metrics = new Dictionary<string, double>
            {
                ["loss"] = faulty && number == parameters.NaNAt ? double.NaN : total,
                ["number"] = number,
                ["distance"] = Math.Abs(number - 4),
            };
            context.Report(metrics, new CheckpointContent().With(WeightFile, BitConverter.GetBytes(weight)));
        }
    }

    private static (float[] Gradient, double Loss) Step(DatasetShard shard, int epoch, float weight)
    {
        var gradient = new float[1];
        var loss = 0.0;
        foreach (var batch in shard.ShuffledBatches(16, epoch))
        {
            var ids = (Int64Array)batch.Column("id");
            for (var row = 0; row < batch.Length; row++)
            {
                var x = ids.GetValue(row)!.Value / 100f;
                var error = (weight - 3) * x;
                gradient[0] += error * x;
                loss += error * error;
            }
        }

        return (gradient, loss);
    }
}
