namespace Air.Orleans.Data.Tests;

public sealed class DatasetTests(LocalCluster cluster) : IClassFixture<LocalCluster>
{
    private readonly string _numbers = cluster.Csv(
        "id,x\n" + string.Concat(Enumerable.Range(0, 569).Select(id => $"{id},{id * 0.5}\n"))
    );

    [Theory]
    [InlineData(100)]
    [InlineData(4 << 20)]
    public async Task IterBatches_AnyBlockSize_KeepsOrderAndSizes(int blockSize)
    {
        var sizes = new List<int>();
        await foreach (var batch in Read(blockSize).IterBatchesAsync(100))
        {
            sizes.Add(batch.Length);
        }

        Assert.Equal([100, 100, 100, 100, 100, 69], sizes);
        Assert.Equal(Enumerable.Range(0, 569).Select(id => (long)id), await Ids(Read(blockSize)));
    }

    [Fact]
    public async Task TrainTestSplit_AnyBlockSize_SameRowsAndNoneLost()
    {
        var (train, test) = Read(100).TrainTestSplit(0.3, seed: 7);
        var (_, whole) = Read(4 << 20).TrainTestSplit(0.3, seed: 7);
        var (_, other) = Read(100).TrainTestSplit(0.3, seed: 8);
        var ids = await Ids(test);

        Assert.Equal(171, ids.Count);
        Assert.Equal(Enumerable.Range(0, 569).Select(id => (long)id), ids.Concat(await Ids(train)).Order());
        Assert.Equal(ids, await Ids(whole));
        Assert.NotEqual(ids, await Ids(other));
    }

    [Fact]
    public async Task TrainTestSplit_NoShuffle_TestIsTheTail()
    {
        var (_, test) = Read(100).TrainTestSplit(0.3, shuffle: false);

        Assert.Equal(Enumerable.Range(398, 171).Select(id => (long)id), await Ids(test));
    }

    [Fact]
    public async Task ReadCsv_HeaderOnly_NoRowsButColumns()
    {
        var dataset = cluster.Air.Data.ReadCsv(cluster.Csv("a,b\n"));

        Assert.Equal(0, await dataset.CountAsync());
        Assert.Equal(["a", "b"], (await dataset.SchemaAsync()).FieldsList.Select(field => field.Name));
    }

    [Fact]
    public async Task ReadCsv_MissingFile_FailsWhenReadAndNamesIt()
    {
        var dataset = cluster.Air.Data.ReadCsv("/no/such/file.csv");

        await Fails(dataset, "'/no/such/file.csv'", "check the path");
    }

    [Fact]
    public async Task ReadCsv_EmptyFile_NamesFile()
    {
        var path = cluster.Csv("");

        await Fails(cluster.Air.Data.ReadCsv(path), path);
    }

    [Fact]
    public async Task ReadCsv_RaggedRow_NamesFileAndLine()
    {
        var path = cluster.Csv("a,b\n1,2\n3\n");

        await Fails(cluster.Air.Data.ReadCsv(path), path, "3");
    }

    [Fact]
    public async Task MapBatches_Throws_NamesOperatorAndCause()
    {
        var dataset = Read(100).MapBatches(static _ => throw new InvalidOperationException("broken by the test"));

        await Fails(dataset, "MapBatches", "broken by the test");
    }

    [Fact]
    public async Task DropColumns_MissingColumn_NamesIt() => await Fails(Read(100).DropColumns("idd"), "'idd'", "'id'");

    private Dataset Read(int blockSize) => cluster.Air.Data.ReadCsv(_numbers, new() { BlockSizeBytes = blockSize });

    private static async Task<List<long>> Ids(Dataset dataset)
    {
        var ids = new List<long>();
        await foreach (var batch in dataset.IterBatchesAsync())
        {
            ids.AddRange(((Apache.Arrow.Int64Array)batch.Column("id")).Values);
        }

        return ids;
    }

    private static async Task Fails(Dataset dataset, params string[] parts)
    {
        var error = await Assert.ThrowsAsync<DatasetException>(() => dataset.CountAsync());
        Assert.All(parts, part => Assert.Contains(part, error.Message, StringComparison.Ordinal));
    }
}
