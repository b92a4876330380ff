using Air.Orleans.Core;
using Apache.Arrow;
using Apache.Arrow.Types;

namespace Air.Orleans.WebApp.Model;

/// <summary>Gives y = w x for rows with a column x.</summary>
public sealed class LinePredictor : IPredictor
{
    internal const string File = "weight";

    public IPredictionModel Load(CheckpointContent checkpoint) =>
        new Model(BitConverter.ToDouble(checkpoint.Read(File).Span));

    private sealed class Model(double weight) : IPredictionModel
    {
        public RecordBatch Predict(RecordBatch features)
        {
            var index = features.Schema.GetFieldIndex("x");
            var x =
                index >= 0 && features.Column(index) is DoubleArray numbers
                    ? numbers
                    : throw new AirException("Give rows with a column 'x' of numbers, such as [{\"x\": 0.5}].");
            var y = new DoubleArray.Builder().AppendRange(x.Select(value => weight * (value ?? double.NaN))).Build();
            return new RecordBatch(
                new Schema([new Field("y", DoubleType.Default, nullable: false)], null),
                [y],
                x.Length
            );
        }

        public void Dispose() { }
    }
}
