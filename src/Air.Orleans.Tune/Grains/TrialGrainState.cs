using Air.Orleans.Core.Runs;

namespace Air.Orleans.Tune.Grains;

/// <summary>What an attempt of a trial keeps.</summary>
[GenerateSerializer, Alias("air.tune.TrialGrainState")]
internal sealed class TrialGrainState
{
    /// <summary>The search; empty before the start.</summary>
    [Id(0)]
    public string Tune { get; set; } = "";

    [Id(1)]
    public int Index { get; set; }

    [Id(2)]
    public int Attempt { get; set; }

    [Id(3)]
    public GrainType RunGrainType { get; set; }

    [Id(4)]
    public List<JournalEntry> Journal { get; set; } = [];

    [Id(5)]
    public string? StopReason { get; set; }

    /// <summary>What was wrong with a report.</summary>
    [Id(6)]
    public string? Fault { get; set; }

    [Id(7)]
    public RunEnd? End { get; set; }
}
