using System.Collections.Concurrent;
using System.Text.Json;
using Air.Orleans.Kernels.Columns;
using Apache.Arrow.Types;

namespace Air.Orleans.Serve.Tests.Cluster;

/// <summary>Small models for tests, without a machine-learning framework.</summary>
internal static class LinearModels
{
    public static CheckpointContent Content(double bias) =>
        new CheckpointContent()
            .With("weights.json", JsonSerializer.SerializeToUtf8Bytes(new[] { 2.0, 3.0, bias }))
            .With(
                CheckpointContent.PreprocessorFile,
                """
                {"type":"Chain","version":1,"steps":[
                  {"type":"StandardScaler","version":1,"columns":["a","b"],"exclude":[],"scales":[
                    {"column":"a","mean":10,"divisor":5},{"column":"b","mean":20,"divisor":4}]},
                  {"type":"Concatenator","version":1,"columns":["a","b"],"exclude":[],"output":"features","inputs":["a","b"]}
                ]}
                """u8.ToArray()
            );

    /// <summary>What the model says, computed apart from it.</summary>
    public static double Expected(double a, double b, double bias = 0) =>
        (2 * ((a - 10) / 5)) + (3 * ((b - 20) / 4)) + bias;

    public static double[] Weights(CheckpointContent checkpoint) =>
        JsonSerializer.Deserialize<double[]>(checkpoint.Read("weights.json").Span)!;

    public static RecordBatch Column(string name, IEnumerable<double> values)
    {
        var array = new DoubleArray.Builder().AppendRange(values).Build();
        return new RecordBatch(
            new Schema([new Field(name, DoubleType.Default, nullable: false)], null),
            [array],
            array.Length
        );
    }

    /// <summary>Weights times the vectors in "features".</summary>
    public static double[] Score(RecordBatch features, double[] weights)
    {
        var matrix = (FixedSizeListArray)features.Column("features");
        var values = FeatureMatrix.AsSpan(matrix);
        var scores = new double[features.Length];
        for (var row = 0; row < scores.Length; row++)
        {
            scores[row] = (values[2 * row] * weights[0]) + (values[(2 * row) + 1] * weights[1]) + weights[2];
        }

        return scores;
    }
}

/// <summary>y = w · x + bias.</summary>
internal sealed class LinearPredictor : IPredictor
{
    public IPredictionModel Load(CheckpointContent checkpoint) => new Model(LinearModels.Weights(checkpoint));

    private sealed class Model(double[] weights) : IPredictionModel
    {
        public RecordBatch Predict(RecordBatch features) =>
            LinearModels.Column("y", LinearModels.Score(features, weights));

        public void Dispose() { }
    }
}

/// <summary>What a <see cref="GatedPredictor"/> does; found by name, as the predictor itself travels.</summary>
internal sealed class Gate
{
    private static readonly ConcurrentDictionary<string, Gate> All = new();

    public ManualResetEventSlim Open { get; } = new(true);

    public ConcurrentQueue<int> BatchRows { get; } = new();

    public SemaphoreSlim Entered { get; } = new(0);

    public int Disposed;

    public static Gate Of(string name) => All.GetOrAdd(name, static _ => new Gate());
}

/// <summary>Scores as <see cref="LinearPredictor"/> while its gate is open; fails on a batch with a score of NaN or above a limit.</summary>
internal sealed class GatedPredictor(string gate) : IPredictor
{
    public const double Limit = 1e6;

    public IPredictionModel Load(CheckpointContent checkpoint) => new Model(gate, LinearModels.Weights(checkpoint));

    private sealed class Model(string gate, double[] weights) : IPredictionModel
    {
        public RecordBatch Predict(RecordBatch features)
        {
            var state = Gate.Of(gate);
            state.BatchRows.Enqueue(features.Length);
            state.Entered.Release();
            state.Open.Wait();
            var scores = LinearModels.Score(features, weights);
            return scores.Any(static score => score > Limit)
                ? throw new InvalidOperationException("the model exploded")
                : LinearModels.Column("y", scores);
        }

        public void Dispose() => Interlocked.Increment(ref Gate.Of(gate).Disposed);
    }
}

/// <summary>Cannot load anything.</summary>
internal sealed class BrokenPredictor : IPredictor
{
    public IPredictionModel Load(CheckpointContent checkpoint) =>
        throw new CheckpointException("there is no file 'model.bin'");
}

/// <summary>Gives a number, a text and a vector for each row; NaN where a is negative.</summary>
internal sealed class ManyColumnsPredictor : IPredictor
{
    public IPredictionModel Load(CheckpointContent checkpoint) => new Model();

    private sealed class Model : IPredictionModel
    {
        public RecordBatch Predict(RecordBatch features)
        {
            var a = ((DoubleArray)features.Column("a")).Values.ToArray();
            var vectors = FeatureMatrix.Concatenate(features, ["a", "b"]);
            var numbers = new DoubleArray.Builder().AppendRange(a.Select(static x => x < 0 ? double.NaN : x)).Build();
            var texts = new StringArray.Builder().AppendRange(a.Select(static x => $"a is \"{x}\"")).Build();
            return new RecordBatch(
                new Schema(
                    [
                        new Field("number", DoubleType.Default, false),
                        new Field("text", StringType.Default, false),
                        new Field("vector", vectors.Data.DataType, false),
                    ],
                    null
                ),
                [numbers, texts, vectors],
                a.Length
            );
        }

        public void Dispose() { }
    }
}
