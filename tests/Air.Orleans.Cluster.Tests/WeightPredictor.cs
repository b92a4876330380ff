using Air.Orleans.Core;
using Apache.Arrow;
using Apache.Arrow.Types;

namespace Air.Orleans.Cluster.Tests;

/// <summary>Gives the weight of a <see cref="PausingLoop"/> times the row's id.</summary>
public sealed class WeightPredictor : IPredictor
{
    public IPredictionModel Load(CheckpointContent checkpoint) =>
        new Model(BitConverter.ToSingle(checkpoint.Read("weight").Span));

    private sealed class Model(float weight) : IPredictionModel
    {
        public RecordBatch Predict(RecordBatch features)
        {
            var ids = (DoubleArray)features.Column("id");
            var values = new DoubleArray.Builder().AppendRange(ids.Select(id => weight * id!.Value)).Build();
            var schema = new Schema([new Field("y", DoubleType.Default, nullable: false)], null);
            return new RecordBatch(schema, [values], values.Length);
        }

        public void Dispose() { }
    }
}
