namespace Air.Orleans.Core;

/// <summary>
/// Knows how to make a model from a checkpoint. An instance is packed, sent to silos and unpacked there, so it holds plain
/// values and functions only; the same predictor serves batch prediction and deployments.
/// </summary>
public interface IPredictor
{
    /// <summary>Loads the model, once for each silo or replica, on a compute thread.</summary>
    /// <exception cref="CheckpointException">The checkpoint does not hold what the model needs.</exception>
    IPredictionModel Load(CheckpointContent checkpoint);
}

/// <summary>A loaded model. It may be called from several threads at the same time.</summary>
public interface IPredictionModel : IDisposable
{
    /// <summary>Scores a batch that has been through the checkpoint's preprocessor.</summary>
    /// <param name="features">The rows, with the columns that the preprocessor leaves.</param>
    /// <returns>As many rows in the same order: the columns of the prediction, and none of the features.</returns>
    /// <exception cref="AirException">A column that the model needs is missing or of another type.</exception>
    RecordBatch Predict(RecordBatch features);
}
