using Air.Orleans.Core.Shipping;
using Air.Orleans.Data;
using Air.Orleans.Data.Plans;
using Air.Orleans.Train.Prediction;

namespace Air.Orleans.Train;

/// <summary>
/// Scores datasets with the model of a checkpoint: blocks in parallel, where they are; the model is loaded once on each silo.
/// Takes raw rows, as the checkpoint carries the preprocessor. Immutable and thread-safe.
/// </summary>
public sealed record BatchPredictor
{
    /// <summary>A batch predictor of <paramref name="checkpoint"/>.</summary>
    public BatchPredictor(Checkpoint checkpoint, IPredictor predictor)
    {
        ArgumentNullException.ThrowIfNull(checkpoint);
        ArgumentNullException.ThrowIfNull(predictor);
        Checkpoint = checkpoint;
        Predictor = predictor;
    }

    /// <summary>The checkpoint with the model and its preprocessor.</summary>
    public Checkpoint Checkpoint { get; }

    /// <summary>What makes the model.</summary>
    public IPredictor Predictor { get; }

    /// <summary>The columns that the model is given, after preprocessing.</summary>
    /// <value>None: all that the preprocessor leaves.</value>
    public IReadOnlyList<string> FeatureColumns { get; init; } = [];

    /// <summary>The columns of the input that stand before the predictions in the result, such as an id or the label.</summary>
    /// <value>None.</value>
    public IReadOnlyList<string> KeepColumns { get; init; } = [];

    /// <summary>The predictions for the rows of <paramref name="dataset"/>, as many and in the same order, when rows are asked for.</summary>
    /// <exception cref="ShippingException">The predictor holds what cannot travel.</exception>
    public Dataset Predict(Dataset dataset)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        var shipper = dataset.Cluster.Services.GetRequiredService<ObjectShipper>();
        BlockOperator step = new PredictOperator(
            shipper.Pack(Predictor, $"The predictor {Predictor.GetType().Name}"),
            Checkpoint.Manifest,
            [.. FeatureColumns],
            [.. KeepColumns]
        );
        return dataset.With(step);
    }
}
