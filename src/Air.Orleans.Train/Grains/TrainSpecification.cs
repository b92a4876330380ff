using System.Security.Cryptography;
using Air.Orleans.Core.Shipping;
using Air.Orleans.Data.Execution;
using Air.Orleans.Data.Plans;

namespace Air.Orleans.Train.Grains;

/// <summary>A trainer as it travels: all that its run needs.</summary>
[GenerateSerializer, Immutable, Alias("air.train.TrainSpecification")]
internal sealed record TrainSpecification(
    [property: Id(0)] ShippedObject Loop,
    [property: Id(1)] string ParametersJson,
    [property: Id(2)] Dictionary<string, PlanNode> Datasets,
    [property: Id(3)] string? PreprocessorJson,
    [property: Id(4)] ScalingConfig Scaling,
    [property: Id(5)] RunConfig Run,
    [property: Id(6)] CheckpointConfig Checkpoints,
    [property: Id(7)] FailureConfig Failures
)
{
    /// <summary>The same for the same trainer, in whichever process it was described.</summary>
    public string Fingerprint(Serializer serializer)
    {
        var datasets = Datasets
            .OrderBy(static dataset => dataset.Key, StringComparer.Ordinal)
            .ToDictionary(static dataset => dataset.Key, static dataset => dataset.Value.WithoutIds());
        var bytes = serializer.SerializeToArray(this with { Datasets = datasets, Loop = Loop.WithoutBundle() });
        return Convert.ToHexStringLower(SHA256.HashData(bytes));
    }
}

/// <summary>A dataset of a run: its plan, to make lost blocks again, and its rows.</summary>
[GenerateSerializer, Immutable, Alias("air.train.TrainDataset")]
internal sealed record TrainDataset([property: Id(0)] PlanNode Plan, [property: Id(1)] MaterializedDataset Rows);

/// <summary>What a worker needs to begin.</summary>
[GenerateSerializer, Immutable, Alias("air.train.WorkerStart")]
internal sealed record WorkerStart(
    [property: Id(0)] string Run,
    [property: Id(1)] int Attempt,
    [property: Id(2)] int Rank,
    [property: Id(3)] TrainSpecification Specification,
    [property: Id(4)] string ParametersJson,
    [property: Id(5)] string? PreprocessorJson,
    [property: Id(6)] Dictionary<string, TrainDataset> Datasets,
    [property: Id(7)] CheckpointManifest? ResumeFrom,
    [property: Id(8)] int FirstIteration
)
{
    /// <summary>The name of the group that the workers of this attempt form.</summary>
    public string Group => $"{Run}/{Attempt}";

    /// <summary>The id of the checkpoint that a run's workers commit with a report.</summary>
    public static string CheckpointId(string run, int attempt, int iteration) => $"{run}/{attempt}-{iteration}";
}

/// <summary>How a worker ended.</summary>
[GenerateSerializer, Immutable, Alias("air.train.WorkerEnd")]
internal sealed record WorkerEnd([property: Id(0)] WorkerEndKind Kind, [property: Id(1)] string Message)
{
    /// <summary>Whether a lost worker ended because its silo drains: that was planned, and counts as no loss.</summary>
    [Id(2)]
    public bool IsPlanned { get; init; }
}

/// <summary>The ways in which a worker ends.</summary>
[GenerateSerializer, Alias("air.train.WorkerEndKind")]
internal enum WorkerEndKind
{
    /// <summary>The loop returned.</summary>
    Finished,

    /// <summary>The run was stopped.</summary>
    Stopped,

    /// <summary>It could not go on because of another worker.</summary>
    Aborted,

    /// <summary>Its loop raised an error.</summary>
    Failed,

    /// <summary>Its silo was lost, or stops.</summary>
    Lost,
}
