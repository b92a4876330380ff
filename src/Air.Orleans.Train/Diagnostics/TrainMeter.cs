using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Air.Orleans.Train.Diagnostics;

/// <summary>What Train measures, in the meter "Air.Orleans.Train", and traces, in the source of the same name. Thread-safe.</summary>
internal static class TrainMeter
{
    public const string Name = "Air.Orleans.Train";

    /// <summary>Activities of Train: an attempt of a run.</summary>
    public static ActivitySource Activities { get; } = new(Name);

    private static readonly Meter Meter = new(Name);

    private static readonly Counter<long> Reports = Meter.CreateCounter<long>(
        "air.train.reports",
        "{report}",
        "Reports that workers of this silo made."
    );

    private static readonly Counter<long> Ends = Meter.CreateCounter<long>(
        "air.train.attempts.ended",
        "{attempt}",
        "Attempts that ended, by how; counted where the run's grain is."
    );

    private static readonly UpDownCounter<long> Workers = Meter.CreateUpDownCounter<long>(
        "air.train.workers",
        "{worker}",
        "Workers that train on this silo."
    );

    public static void Reported() => Reports.Add(1);

    public static void Ended(string how) => Ends.Add(1, KeyValuePair.Create<string, object?>("end", how));

    public static void WorkerBegan() => Workers.Add(1);

    public static void WorkerEnded() => Workers.Add(-1);
}
