using Air.Orleans.Core;
using Air.Orleans.Train;
using Apache.Arrow;

namespace Air.Orleans.WebApp.Model;

/// <summary>Fits y = w x by gradient descent. Runs on a silo's worker thread, and goes on from its checkpoint.</summary>
public sealed class LineLoop : ITrainLoop<LineRequest>
{
    public void Run(TrainContext context, LineRequest parameters)
    {
        var weight = context.Checkpoint is { } checkpoint
            ? BitConverter.ToDouble(checkpoint.Read(LinePredictor.File).Span)
            : 0;
        var ids = (Int64Array)context.Dataset("train").All().Column("id");
        for (var epoch = context.Iteration; epoch < parameters.Epochs; epoch++)
        {
            double gradient = 0;
            double loss = 0;
            foreach (var id in ids)
            {
                var x = id!.Value / 100.0;
                var error = (weight - parameters.Slope) * x;
                gradient += 2 * error * x / ids.Length;
                loss += error * error / ids.Length;
            }

            weight -= gradient;
            context.CancellationToken.WaitHandle.WaitOne(parameters.EpochMilliseconds);
            context.Report(
                new Dictionary<string, double> { ["loss"] = loss, ["weight"] = weight },
                new CheckpointContent().With(LinePredictor.File, BitConverter.GetBytes(weight))
            );
        }
    }
}
