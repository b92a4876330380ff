using Air.Orleans.Kernels.Csv;

namespace Air.Orleans.Data.Tests;

/// <summary>What a reader is told of a faulty file: the file, the line, the column, and what to do.</summary>
public sealed class BadCellsTests(LocalCluster cluster) : IClassFixture<LocalCluster>
{
    [Fact]
    public async Task ReadCsv_RaggedRow_NamesFileLineAndCounts()
    {
        var path = cluster.Csv("a,b,c\n1,2,3\n4,5,6\n7,8\n");

        var error = await Assert.ThrowsAsync<DatasetException>(() => cluster.Air.Data.ReadCsv(path).CountAsync());

        Assert.Contains($"'{path}', line 4", error.Message, StringComparison.Ordinal);
        Assert.Contains("found 2 cells, the header has 3", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ReadCsv_TextInAColumnReadAsNumbers_NamesLineColumnAndCell()
    {
        var path = cluster.Csv("id,age\n1,30\n2,3O\n");
        var options = new CsvOptions
        {
            Types = new Dictionary<string, CsvColumnType> { ["age"] = CsvColumnType.Double },
        };

        var error = await Assert.ThrowsAsync<DatasetException>(() =>
            cluster.Air.Data.ReadCsv(path, options).CountAsync()
        );

        Assert.Contains(
            $"'{path}', line 3, column 'age': '3O' is not a Double",
            error.Message,
            StringComparison.Ordinal
        );
        Assert.Contains("String", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Scaler_ColumnWithoutAnyValue_IsNamed()
    {
        var rows = cluster.Air.Data.ReadCsv(cluster.Csv("a,b\n1,\n2,\n"));

        var error = await Assert.ThrowsAsync<DatasetException>(() => new StandardScaler("a", "b").FitAsync(rows));

        Assert.Contains("column 'b' has no value at all (2 nulls)", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Scaler_MissingColumn_SuggestsTheOneMeant()
    {
        var rows = cluster.Air.Data.ReadCsv(cluster.Csv("age,name\n1,x\n2,y\n"));

        var missing = await Assert.ThrowsAsync<DatasetException>(() => new StandardScaler("agee").FitAsync(rows));
        var text = await Assert.ThrowsAsync<DatasetException>(() => new StandardScaler("name").FitAsync(rows));

        Assert.Contains("Did you mean 'age'?", missing.Message, StringComparison.Ordinal);
        Assert.Contains("'name'", text.Message, StringComparison.Ordinal);
        Assert.Contains("a numeric column is needed", text.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Chain_DatasetAndSingleBatch_GiveTheSameBits()
    {
        var csv = string.Join('\n', Enumerable.Range(0, 500).Select(static i => $"{i * 0.37},{Math.Sin(i)},{i % 2}"));
        var path = cluster.Csv("x,y,target\n" + csv + "\n");
        var small = cluster.Air.Data.ReadCsv(path, new() { BlockSizeBytes = 700 });
        var fitted = await new Chain(
            new StandardScaler { Exclude = ["target"] },
            new Concatenator { Exclude = ["target"] }
        ).FitAsync(small);

        var whole = fitted.Transform(await FirstAsync(small, 500));
        var blocks = await FirstAsync(Preprocessor.FromJson(fitted.ToJson()).Transform(small), 500);

        Assert.Equal(["target", "features"], whole.Schema.FieldsList.Select(static column => column.Name));
        Assert.Equal(Kernels.Columns.BatchKernels.RowsHash(whole), Kernels.Columns.BatchKernels.RowsHash(blocks));
    }

    [Fact]
    public async Task ReadCsv_FileChangedWhileInUse_IsRefused()
    {
        var path = cluster.Csv("a\n1\n2\n");
        var rows = cluster.Air.Data.ReadCsv(path);
        var (train, _) = rows.TrainTestSplit(0.5);
        await rows.SchemaAsync();

        await File.WriteAllTextAsync(path, "a\n1\n2\n3\n");
        var error = await Assert.ThrowsAsync<DatasetException>(() => train.CountAsync());

        Assert.Contains("was changed or removed while it is in use", error.Message, StringComparison.Ordinal);
    }

    private static async Task<Apache.Arrow.RecordBatch> FirstAsync(Dataset rows, int count)
    {
        await foreach (var batch in rows.IterBatchesAsync(count))
        {
            return batch;
        }

        throw new InvalidOperationException("There are no rows.");
    }
}
