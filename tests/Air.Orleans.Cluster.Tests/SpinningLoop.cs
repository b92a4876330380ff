using Air.Orleans.Core;
using Air.Orleans.Train;

namespace Air.Orleans.Cluster.Tests;

public sealed record SpinningParameters
{
    public double Seconds { get; init; } = 30;
}

/// <summary>Keeps its thread busy without a pause, and does nothing with it.</summary>
public sealed class SpinningLoop : ITrainLoop<SpinningParameters>
{
    public void Run(TrainContext context, SpinningParameters parameters)
    {
        var began = TimeProvider.System.GetTimestamp();
        long turns = 0;
        while (TimeProvider.System.GetElapsedTime(began).TotalSeconds < parameters.Seconds)
        {
            turns++;
        }

        context.Report(new Dictionary<string, double> { ["turns"] = turns }, new CheckpointContent());
    }
}
