using Air.Orleans.Core.Shipping;
using Air.Orleans.Data.Plans;
using Air.Orleans.Kernels.Columns;

namespace Air.Orleans.Train.Prediction;

/// <summary>Scores blocks with a checkpoint's model, where the blocks are.</summary>
[GenerateSerializer, Immutable, Alias("air.train.Predict")]
internal sealed record PredictOperator(
    [property: Id(0)] ShippedObject Predictor,
    [property: Id(1)] CheckpointManifest Checkpoint,
    [property: Id(2)] string[] FeatureColumns,
    [property: Id(3)] string[] KeepColumns
) : BlockOperator
{
    public override string Label => "Predict";

    public override BlockOperator WithoutBundle() => this with { Predictor = Predictor.WithoutBundle() };

    public override Schema? Apply(Schema input)
    {
        ColumnNames.Require(input, KeepColumns, "BatchPredictor.KeepColumns");
        return null;
    }

    public override RecordBatch Apply(RecordBatch input, IServiceProvider services)
    {
        var model = services.GetRequiredService<ModelCache>().Get(Checkpoint, Predictor);
        var predictions = model.Predict(input, FeatureColumns);
        if (KeepColumns.Length == 0)
        {
            return predictions;
        }

        var kept = BatchKernels.Select(input, KeepColumns);
        return new RecordBatch(
            new Schema(kept.Schema.FieldsList.Concat(predictions.Schema.FieldsList), null),
            kept.Arrays.Concat(predictions.Arrays),
            input.Length
        );
    }
}
