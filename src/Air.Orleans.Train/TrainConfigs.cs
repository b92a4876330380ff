using Air.Orleans.Core.Checkpoints.Control;

namespace Air.Orleans.Train;

/// <summary>How many workers train together, and what each needs.</summary>
[GenerateSerializer, Immutable, Alias("air.train.ScalingConfig")]
public sealed record ScalingConfig
{
    /// <summary>The world size: how many workers train together, each on its own thread with its own part of the rows.</summary>
    /// <value>1.</value>
    [Id(0)]
    public int Workers { get; init; } = 1;

    /// <summary>Whether each worker needs a GPU.</summary>
    /// <value>false.</value>
    [Id(1)]
    public bool UseGpu { get; init; }

    /// <summary>What one worker needs, in place of the default.</summary>
    /// <value>Null: 1 CPU, and 1 GPU with <see cref="UseGpu"/>.</value>
    [Id(2)]
    public ResourceSet? ResourcesPerWorker { get; init; }

    /// <summary>What all workers need together.</summary>
    internal ResourceSet Total => PerWorker.Times(Workers);

    /// <summary>What one worker needs.</summary>
    internal ResourceSet PerWorker => ResourcesPerWorker ?? new ResourceSet { Cpu = 1, Gpu = UseGpu ? 1 : 0 };

    /// <summary>A bundle for each worker, all on one silo: their collective is in one process.</summary>
    internal PlacementRequest Request(string id, string run) =>
        new()
        {
            Id = id,
            Bundles = [.. Enumerable.Repeat(new Bundle { Resources = PerWorker }, Workers)],
            Strategy = PlacementGroupStrategy.StrictPack,
            Purpose = $"workers of run '{run}'",
        };
}

/// <summary>The name and seed of a run, and what it takes for an error.</summary>
[GenerateSerializer, Immutable, Alias("air.train.RunConfig")]
public sealed record RunConfig
{
    /// <summary>The run's name in the cluster.</summary>
    /// <value>Null: "train-" and a number that no other run has.</value>
    [Id(0)]
    public string? Name { get; init; }

    /// <summary>Seeds the initial weights and the order of the rows: same seed and world size, same numbers.</summary>
    /// <value>0.</value>
    [Id(1)]
    public int Seed { get; init; }

    /// <summary>Whether a metric may be NaN or infinite; otherwise reporting one fails the run.</summary>
    /// <value>false.</value>
    [Id(2)]
    public bool AllowNonFiniteMetrics { get; init; }
}

/// <summary>Which checkpoints of a run are kept. The latest always is, as the run resumes from it.</summary>
[GenerateSerializer, Immutable, Alias("air.train.CheckpointConfig")]
public sealed record CheckpointConfig
{
    /// <summary>How many to keep besides the latest: the best by <see cref="Metric"/>, or the newest without one.</summary>
    /// <value>Null: all.</value>
    [Id(0)]
    public int? Keep { get; init; }

    /// <summary>The metric by which a checkpoint is the best.</summary>
    /// <value>Null: the latest is taken for the best.</value>
    [Id(1)]
    public string? Metric { get; init; }

    /// <summary>Which values of the metric are better.</summary>
    /// <value><see cref="Core.Mode.Min"/>.</value>
    [Id(2)]
    public Mode Mode { get; init; } = Mode.Min;

    /// <summary>How many of the newest to keep, whether or not they are among the best.</summary>
    /// <value>Null: no more than <see cref="Keep"/> says.</value>
    [Id(3)]
    public int? KeepLast { get; init; }

    /// <summary>The same for the book of checkpoints. With a metric, the best is always kept.</summary>
    internal CheckpointRules Rules =>
        (Keep, KeepLast, Metric) switch
        {
            (null, null, _) => new CheckpointRules(null, null, Metric, Mode),
            (_, _, null) => new CheckpointRules(Math.Max(Keep ?? 0, KeepLast ?? 0)),
            _ => new CheckpointRules(KeepLast, Keep ?? 1, Metric, Mode),
        };
}

/// <summary>How often a run begins again, each time from its latest checkpoint.</summary>
[GenerateSerializer, Immutable, Alias("air.train.FailureConfig")]
public sealed record FailureConfig
{
    /// <summary>How often it begins again after the silo of its workers was lost; −1 means always.</summary>
    /// <value>3.</value>
    [Id(0)]
    public int MaxSiloLosses { get; init; } = 3;

    /// <summary>How often it begins again after an exception of the training loop; −1 means always.</summary>
    /// <value>0: an error of the code would only come again.</value>
    [Id(1)]
    public int MaxErrors { get; init; }
}
