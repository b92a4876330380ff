using System.Collections.Concurrent;

namespace Air.Orleans.Train.Tests.Cluster;

public sealed class BatchPredictorTests(TrainFixture fixture) : IClassFixture<TrainFixture>
{
    [Fact]
    public async Task Predict_ManyBlocks_KeepsOrderAndLoadsTheModelOnce()
    {
        var (name, predictor) = await PredictorAsync();

        var predictions = (predictor with { KeepColumns = ["id"] }).Predict(fixture.Air.Data.Range(50, blocks: 7));
        var seen = 0L;
        await foreach (var batch in predictions.IterBatchesAsync(8))
        {
            Assert.Equal(["id", "twice"], batch.Schema.FieldsList.Select(static field => field.Name));
            for (var row = 0; row < batch.Length; row++, seen++)
            {
                Assert.Equal(seen, ((Int64Array)batch.Column("id")).GetValue(row));
                Assert.Equal(2 * seen, ((Int64Array)batch.Column("twice")).GetValue(row));
            }
        }

        Assert.Equal(50, seen);
        Assert.Equal(1, CountingPredictor.Loads[name]);
    }

    [Fact]
    public async Task Predict_FeatureMissing_NamesItAndTheNearOne()
    {
        var (_, predictor) = await PredictorAsync();

        var error = await Assert.ThrowsAnyAsync<AirException>(() =>
            (predictor with { FeatureColumns = ["ids"] }).Predict(fixture.Air.Data.Range(5)).TakeAsync(1)
        );

        Assert.Contains("'ids'", error.Message, StringComparison.Ordinal);
        Assert.Contains("Did you mean 'id'?", error.Message, StringComparison.Ordinal);
    }

    private async Task<(string Name, BatchPredictor Predictor)> PredictorAsync()
    {
        var trainer = new DataParallelTrainer<SlopeParameters>(new SlopeLoop())
        {
            Parameters = new() { Reports = 1 },
            Datasets = { ["train"] = fixture.Air.Data.Range(10) },
        };
        var result = await fixture.Air.FitAsync(trainer);
        var name = Guid.NewGuid().ToString("N");
        return (name, new BatchPredictor(result.Checkpoint!, new CountingPredictor(name)));
    }

    /// <summary>Gives twice the id, and counts how often it was loaded under its name.</summary>
    public sealed class CountingPredictor(string name) : IPredictor
    {
        public static readonly ConcurrentDictionary<string, int> Loads = new();

        private readonly string _name = name;

        public IPredictionModel Load(CheckpointContent checkpoint)
        {
            Assert.True(checkpoint.Contains(SlopeLoop.WeightFile));
            Loads.AddOrUpdate(_name, 1, static (_, count) => count + 1);
            return new Model();
        }

        private sealed class Model : IPredictionModel
        {
            public RecordBatch Predict(RecordBatch features)
            {
                var ids = (Int64Array)features.Column("id");
                var twice = new Int64Array.Builder();
                for (var row = 0; row < features.Length; row++)
                {
                    twice.Append(2 * ids.GetValue(row)!.Value);
                }

                var schema = new Schema([new Field("twice", Apache.Arrow.Types.Int64Type.Default, false)], null);
                return new RecordBatch(schema, [twice.Build()], features.Length);
            }

            public void Dispose() { }
        }
    }
}
