using System.Diagnostics.Metrics;

namespace Air.Orleans.Data.Diagnostics;

/// <summary>The measurements of Data, in the meter "Air.Orleans.Data". Thread-safe.</summary>
internal static class DataMeter
{
    public const string Name = "Air.Orleans.Data";

    private static readonly Meter Meter = new(Name);

    /// <summary>Blocks that were made from their recipe, the first time and again.</summary>
    public static Counter<long> Computed { get; } =
        Meter.CreateCounter<long>("air.data.blocks_computed", "{block}", "Blocks made from their recipe.");

    /// <summary>Blocks that were lost and found as a copy on another silo.</summary>
    public static Counter<long> Copied { get; } =
        Meter.CreateCounter<long>("air.data.blocks_copied", "{block}", "Lost blocks that were found as a copy.");

    /// <summary>Blocks that were not there any more when somebody asked.</summary>
    public static Counter<long> Lost { get; } =
        Meter.CreateCounter<long>("air.data.blocks_lost", "{block}", "Blocks found lost when they were asked for.");

    /// <summary>Blocks whose recipe failed.</summary>
    public static Counter<long> Failed { get; } =
        Meter.CreateCounter<long>("air.data.blocks_failed", "{block}", "Blocks whose recipe failed, by fault.");
}
