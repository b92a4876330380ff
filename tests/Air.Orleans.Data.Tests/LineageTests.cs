namespace Air.Orleans.Data.Tests;

/// <summary>What needs no silo to be killed; for the rest see the cluster's tests.</summary>
public sealed class LineageTests(LocalCluster cluster) : IClassFixture<LocalCluster>
{
    [Fact]
    public async Task MapBatches_AlwaysThrows_IsComputedOnceForAllWhoAsk()
    {
        var log = new ComputationLog(cluster.Folder("throws"));
        var folder = log.Folder;
        var dataset = cluster
            .Air.Data.Range(10)
            .MapBatches(batch =>
            {
                ComputationLog.Note(folder, "block", batch);
                throw new InvalidOperationException("broken by the test");
            });

        var errors = await Task.WhenAll(
            Enumerable.Range(0, 16).Select(_ => Assert.ThrowsAsync<DatasetException>(() => dataset.CountAsync()))
        );
        var later = await Assert.ThrowsAsync<DatasetException>(() => dataset.TakeAsync(1));

        Assert.All(errors.Append(later), error => Assert.Contains("broken by the test", error.Message));
        Assert.Equal(1, log.Of("block", 0));
    }

    [Fact]
    public async Task TrainTestSplit_InputAlwaysThrows_TheInputIsComputedOnceForAllBlocksOfTheSplit()
    {
        var log = new ComputationLog(cluster.Folder("input-throws"));
        var folder = log.Folder;
        var (train, test) = cluster
            .Air.Data.Range(100, blocks: 4)
            .MapBatches(batch =>
            {
                ComputationLog.Note(folder, "block", batch);
                return ComputationLog.FirstId(batch) == 50
                    ? throw new InvalidOperationException("broken by the test")
                    : batch;
            })
            .TrainTestSplit(0.5);

        var errors = await Task.WhenAll(
            new[] { train, test, train, test }.Select(part =>
                Assert.ThrowsAsync<DatasetException>(() => part.CountAsync())
            )
        );

        Assert.All(errors, error => Assert.Contains("broken by the test", error.Message));
        Assert.Equal(1, log.Of("block", 50));
    }

    [Fact]
    public async Task MapBatches_OneBlockThrows_IsToldWhileOthersCompute()
    {
        using var release = new EventGate(cluster.Folder("gate"));
        var gate = release.Path;
        var dataset = cluster
            .Air.Data.Range(2, blocks: 2)
            .MapBatches(batch =>
            {
                if (ComputationLog.FirstId(batch) == 1)
                {
                    throw new InvalidOperationException("broken by the test");
                }

                EventGate.Wait(gate);
                return batch;
            });

        var error = await Assert.ThrowsAsync<DatasetException>(() => dataset.CountAsync().WaitAsync(Limit));

        Assert.Contains("broken by the test", error.Message);
    }

    [Fact]
    public async Task Plan_OfFiveHundredSteps_IsComputed()
    {
        var dataset = cluster.Air.Data.Range(10, blocks: 2);
        for (var step = 0; step < 500; step++)
        {
            dataset = dataset.Select("id");
        }

        Assert.Equal(10, await dataset.CountAsync().WaitAsync(Limit));
    }

    [Fact]
    public async Task Plan_OfTwoHundredSplits_IsComputed()
    {
        var dataset = cluster.Air.Data.Range(400, blocks: 2);
        for (var step = 0; step < 200; step++)
        {
            (dataset, _) = dataset.TrainTestSplit(0.0001, seed: step);
        }

        Assert.Equal(200, await dataset.CountAsync().WaitAsync(Limit));
    }

    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);
}
