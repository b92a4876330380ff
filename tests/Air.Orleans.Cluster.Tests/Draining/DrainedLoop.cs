using System.Globalization;
using Air.Orleans.Core;
using Air.Orleans.Data;
using Air.Orleans.Train;

namespace Air.Orleans.Cluster.Tests.Draining;

public sealed record DrainedParameters
{
    public int Reports { get; init; } = 40;

    /// <summary>A step lasts so long.</summary>
    public int StepMilliseconds { get; init; } = 50;

    /// <summary>Where each report is written down too, whatever becomes of it.</summary>
    public string Log { get; init; } = "";
}

/// <summary>Counts reports, and gives a checkpoint only when it is told that one is due.</summary>
public sealed class DrainedLoop : ITrainLoop<DrainedParameters>
{
    public void Run(TrainContext context, DrainedParameters parameters)
    {
        var began = context.Checkpoint is { } checkpoint ? BitConverter.ToInt32(checkpoint.Read("count").Span) : 0;
        for (var count = began + 1; count <= parameters.Reports; count++)
        {
            context.CancellationToken.WaitHandle.WaitOne(parameters.StepMilliseconds);
            var content = context.CheckpointIsDue
                ? new CheckpointContent().With("count", BitConverter.GetBytes(count))
                : null;
            context.Report(new Dictionary<string, double> { ["count"] = count, ["began"] = began }, content);
            if (context.Rank == 0)
            {
                File.AppendAllText(parameters.Log, string.Create(CultureInfo.InvariantCulture, $"{began} {count}\n"));
            }
        }
    }

    internal static DataParallelTrainer<DrainedParameters> Trainer(IAirCluster air, string name, string log) =>
        new(new DrainedLoop())
        {
            Parameters = new() { Log = log },
            Datasets = { ["train"] = air.Data.Range(100, blocks: 2) },
            Scaling = new() { Workers = 2 },
            Run = new() { Name = name },
            Failures = new() { MaxSiloLosses = 0 },
        };
}
