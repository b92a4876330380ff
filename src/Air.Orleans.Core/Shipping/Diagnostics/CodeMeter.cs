using System.Diagnostics.Metrics;

namespace Air.Orleans.Core.Shipping.Diagnostics;

/// <summary>The measurements of shipped code and of jobs, in the meter "Air.Orleans.Core". Thread-safe.</summary>
internal static class CodeMeter
{
    private static readonly Meter Meter = new("Air.Orleans.Core");

    /// <summary>Bundles of code that are loaded.</summary>
    public static UpDownCounter<int> Loaded { get; } =
        Meter.CreateUpDownCounter<int>("air.core.code.loaded", "{bundle}", "Bundles of code that are loaded.");

    /// <summary>Bytes of code that were taken in.</summary>
    public static Counter<long> Received { get; } =
        Meter.CreateCounter<long>("air.core.code.received", "By", "Bytes of code that clients sent.");

    /// <summary>Programs of jobs that run on this silo.</summary>
    public static UpDownCounter<int> Jobs { get; } =
        Meter.CreateUpDownCounter<int>("air.core.jobs.running", "{job}", "Programs of jobs that run on this silo.");
}
