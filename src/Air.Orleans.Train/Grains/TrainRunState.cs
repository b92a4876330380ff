using Air.Orleans.Core.Runs;
using Air.Orleans.Train.Control;

namespace Air.Orleans.Train.Grains;

/// <summary>What a run keeps of itself that never changes: its request.</summary>
[GenerateSerializer, Alias("air.train.TrainRequestState")]
internal sealed class TrainRequestState
{
    [Id(0)]
    public RunRequest? Request { get; set; }
}

/// <summary>What a run keeps of its progress.</summary>
[GenerateSerializer, Alias("air.train.TrainRunState")]
internal sealed class TrainRunState
{
    [Id(0)]
    public TrainStatus Status { get; set; }

    [Id(1)]
    public int Attempt { get; set; }

    [Id(2)]
    public int SiloLosses { get; set; }

    [Id(3)]
    public int Errors { get; set; }

    [Id(4)]
    public List<RunReport> History { get; set; } = [];

    [Id(5)]
    public string? PreprocessorJson { get; set; }

    [Id(6)]
    public string? Error { get; set; }

    [Id(7)]
    public string? StopReason { get; set; }
}
