using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Air.Orleans.Core.Diagnostics;

/// <summary>What Core measures, in the meter "Air.Orleans.Core", and traces, in the source of the same name. Thread-safe.</summary>
internal static class CoreMeter
{
    public const string Name = "Air.Orleans.Core";

    /// <summary>Activities of Core: a checkpoint that is committed, work on a slot such as a block.</summary>
    public static ActivitySource Activities { get; } = new(Name);

    private static readonly Meter Meter = new(Name);

    private static readonly Histogram<double> LeaseWait = Meter.CreateHistogram<double>(
        "air.core.leases.wait",
        "s",
        "From the request of a lease to its grant, at the silo that carries the ledger."
    );

    private static readonly Counter<long> Checkpoints = Meter.CreateCounter<long>(
        "air.core.checkpoints.committed",
        "{checkpoint}",
        "Checkpoints that this silo committed."
    );

    private static readonly Counter<long> CheckpointBytes = Meter.CreateCounter<long>(
        "air.core.checkpoints.bytes",
        "By",
        "Bytes of the checkpoints that this silo committed."
    );

    private static readonly Histogram<double> CheckpointTime = Meter.CreateHistogram<double>(
        "air.core.checkpoints.duration",
        "s",
        "From the first byte of a checkpoint to its commit."
    );

    public static void Granted(TimeSpan waited) => LeaseWait.Record(waited.TotalSeconds);

    public static void Committed(long bytes, long startedAt)
    {
        Checkpoints.Add(1);
        CheckpointBytes.Add(bytes);
        CheckpointTime.Record(Stopwatch.GetElapsedTime(startedAt).TotalSeconds);
    }

    /// <summary>A meter of the same name whose instruments end with their owner.</summary>
    public static Meter NewMeter() => new(Name);
}
