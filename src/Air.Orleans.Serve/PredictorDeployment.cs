namespace Air.Orleans.Serve;

/// <summary>
/// How the model of a checkpoint is to be served: as so many replicas, each with the model and the checkpoint's preprocessor loaded
/// once. Immutable and thread-safe.
/// </summary>
public sealed record PredictorDeployment
{
    private PredictorDeployment(Checkpoint checkpoint, IPredictor predictor)
    {
        Checkpoint = checkpoint;
        Predictor = predictor;
    }

    /// <summary>The checkpoint with the model and its preprocessor.</summary>
    public Checkpoint Checkpoint { get; }

    /// <summary>What makes the model.</summary>
    public IPredictor Predictor { get; }

    /// <summary>How many copies of the model there are, spread over the silos.</summary>
    /// <value>1.</value>
    public int Replicas { get; init; } = 1;

    /// <summary>The path that takes POST requests over HTTP, such as "/cancer"; compared letter by letter.</summary>
    /// <value>null: "/" and the deployment's name.</value>
    public string? Route { get; init; }

    /// <summary>How many requests a replica has at most, waiting and computed; past them it is passed over as busy.</summary>
    /// <value>100.</value>
    public int MaxOngoingRequests { get; init; } = 100;

    /// <summary>
    /// How many rows of waiting requests are scored at once at most. A batch never waits for more rows, and a request is never
    /// split: one of more rows is scored whole.
    /// </summary>
    /// <value>32.</value>
    public int MaxBatchSize { get; init; } = 32;

    /// <summary>What is leased for each replica, so that it has a place of its own; it learns its GPU by <see cref="IGrainLease"/>.</summary>
    /// <value>Null: nothing, or 1 GPU with <see cref="UseGpu"/>.</value>
    public ResourceSet? ResourcesPerReplica { get; init; }

    /// <summary>Whether each replica needs a GPU.</summary>
    /// <value>false.</value>
    public bool UseGpu { get; init; }

    internal ResourceSet Needs => ResourcesPerReplica ?? new ResourceSet { Gpu = UseGpu ? 1 : 0 };

    /// <summary>The columns that the model is given, after preprocessing.</summary>
    /// <value>None: all that the preprocessor leaves.</value>
    public IReadOnlyList<string> FeatureColumns { get; init; } = [];

    /// <summary>A deployment of the model that <paramref name="predictor"/> makes of <paramref name="checkpoint"/>.</summary>
    public static PredictorDeployment From(Checkpoint checkpoint, IPredictor predictor)
    {
        ArgumentNullException.ThrowIfNull(checkpoint);
        ArgumentNullException.ThrowIfNull(predictor);
        return new PredictorDeployment(checkpoint, predictor);
    }
}
