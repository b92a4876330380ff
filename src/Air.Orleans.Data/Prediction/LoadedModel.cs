using System.Text;
using Air.Orleans.Kernels.Columns;

namespace Air.Orleans.Data.Prediction;

/// <summary>A model with the preprocessor that came in its checkpoint: scores raw rows. Thread-safe where the model is.</summary>
internal sealed class LoadedModel(IPredictionModel model, Preprocessor? preprocessor) : IDisposable
{
    public static LoadedModel Load(IPredictor predictor, CheckpointContent checkpoint)
    {
        var preprocessor = checkpoint.Contains(CheckpointContent.PreprocessorFile)
            ? Preprocessor.FromJson(Encoding.UTF8.GetString(checkpoint.Read(CheckpointContent.PreprocessorFile).Span))
            : null;
        return new LoadedModel(predictor.Load(checkpoint), preprocessor);
    }

    /// <summary>The predictions for raw rows: as many, in the same order.</summary>
    /// <param name="rows">The rows, as they were before preprocessing in training.</param>
    /// <param name="features">The columns that the model is given after preprocessing; all, if none are named.</param>
    /// <exception cref="AirException">A column is missing, or the model gave another number of rows.</exception>
    public RecordBatch Predict(RecordBatch rows, IReadOnlyList<string> features)
    {
        var prepared = preprocessor is null ? rows : preprocessor.Transform(rows);
        if (features.Count > 0)
        {
            Plans.ColumnNames.Require(prepared.Schema, features, "FeatureColumns");
            prepared = BatchKernels.Select(prepared, features);
        }

        var predictions = model.Predict(prepared);
        return predictions.Length == rows.Length
            ? predictions
            : throw new AirException(
                $"The model gave {predictions.Length} predictions for {rows.Length} rows; it must give one for each."
            );
    }

    public void Dispose() => model.Dispose();
}
