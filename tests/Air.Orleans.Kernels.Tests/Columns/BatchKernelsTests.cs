using Air.Orleans.Kernels.Columns;
using Air.Orleans.Kernels.Numerics;
using Apache.Arrow;
using Apache.Arrow.Types;

namespace Air.Orleans.Kernels.Tests.Columns;

public class BatchKernelsTests
{
    public static TheoryData<int, int, int> Slices =>
        new()
        {
            { 100, 0, 100 },
            { 100, 8, 64 },
            { 100, 3, 90 },
            { 300, 17, 200 },
            { 50, 50, 0 },
            { 9, 1, 1 },
            { 2000, 5, 1990 },
        };

    private static RecordBatch Slice(int rows, int offset, int length, ulong seed = 1) =>
        BatchKernels.Slice(Batches.Create(rows, seed), offset, length);

    [Theory]
    [MemberData(nameof(Slices))]
    public void Slice_AnyRows_GivesThemWithoutOwningThem(int rows, int offset, int length)
    {
        var batch = Batches.Create(rows, 1);
        var expected = Batches.Rows(batch);
        var slice = BatchKernels.Slice(batch, offset, length);
        Assert.Equal(expected.Skip(offset).Take(length), Batches.Rows(slice));

        slice.Dispose();

        Assert.Equal(expected, Batches.Rows(batch));
    }

    [Fact]
    public void Slice_ParentCollected_KeepsItsMemory()
    {
        var expected = Batches.Rows(Slice(3000, 10, 2900));
        var slice = Slice(3000, 10, 2900);
        for (var i = 0; i < 3; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        Assert.Equal(expected, Batches.Rows(BatchKernels.Slice(slice, 0, 2900)));
        Assert.Equal(expected, Batches.Rows(BatchKernels.Concat([slice])));
    }

    [Theory]
    [MemberData(nameof(Slices))]
    public void Take_RowsOfASlice_GivesThemInOrder(int rows, int offset, int length)
    {
        var slice = Slice(rows, offset, length);
        var expected = Batches.Rows(slice);
        var order = length == 0 ? [] : Permutation.Create(length, 5).Concat([0, length - 1, 0]).ToArray();
        var taken = BatchKernels.Take(slice, order);
        Assert.Equal(order.Select(row => expected[row]), Batches.Rows(taken));
        for (var i = 0; i < taken.ColumnCount; i++)
        {
            Assert.Equal(
                Enumerable.Range(0, order.Length).Count(row => taken.Column(i).IsNull(row)),
                taken.Column(i).NullCount
            );
        }
    }

    [Fact]
    public void Concat_Slices_GivesAllRowsInOrder()
    {
        RecordBatch[] parts = [.. Slices.Select((s, i) => Slice((int)s[0], (int)s[1], (int)s[2], (ulong)i))];
        var whole = BatchKernels.Concat(parts);
        Assert.Equal(parts.SelectMany(Batches.Rows), Batches.Rows(whole));
        Assert.Equal(whole.Length, whole.Column("double?").Length);
        Assert.Equal(parts.Sum(part => part.Column("text?").NullCount), whole.Column("text?").NullCount);
    }

    [Fact]
    public void Gather_RowsOfSeveralSlices_GivesThemInOrder()
    {
        RecordBatch[] parts = [.. Slices.Select((s, i) => Slice((int)s[0], (int)s[1], (int)s[2], (ulong)i))];
        var random = new SeededRandom(3);
        var rows = Enumerable
            .Range(0, 3000)
            .Select(_ => random.NextInt(parts.Length))
            .Where(b => parts[b].Length > 0)
            .Select(b => new RowAddress(b, random.NextInt(parts[b].Length)))
            .ToArray();
        var texts = parts.Select(Batches.Rows).ToList();
        Assert.Equal(rows.Select(row => texts[row.Batch][row.Row]), Batches.Rows(BatchKernels.Gather(parts, rows)));
    }

    [Theory]
    [MemberData(nameof(Slices))]
    public void Filter_RandomRows_KeepsThese(int rows, int offset, int length)
    {
        var slice = Slice(rows, offset, length);
        var random = new SeededRandom(8);
        foreach (var share in (int[])[0, 50, 100])
        {
            var keep = Enumerable.Range(0, length).Select(_ => random.NextInt(100) < share).ToArray();
            Assert.Equal(Batches.Rows(slice).Where((_, i) => keep[i]), Batches.Rows(BatchKernels.Filter(slice, keep)));
        }
    }

    [Fact]
    public void SelectAndDrop_Names_GiveTheseColumns()
    {
        var batch = Batches.Create(20, 1);
        var some = BatchKernels.Select(batch, ["text", "double"]);
        Assert.Equal(["text", "double"], some.Schema.FieldsList.Select(field => field.Name));
        Assert.Equal(["double"], BatchKernels.Drop(some, ["text"]).Schema.FieldsList.Select(field => field.Name));
        var error = Assert.Throws<ArgumentException>(() => BatchKernels.Select(some, ["texts"]));
        Assert.Contains(
            "'texts' is not in the batch (columns: 'text', 'double')",
            error.Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void RowsHash_AnyCut_AddsUpToTheHashOfTheWhole()
    {
        var batch = Batches.Create(500, 1);
        foreach (var size in (int[])[1, 7, 64, 499])
        {
            var sum = 0UL;
            var set = 0UL;
            for (var start = 0; start < 500; start += size)
            {
                var part = BatchKernels.Slice(batch, start, Math.Min(size, 500 - start));
                sum += BatchKernels.RowsHash(part, start);
                set += BatchKernels.RowSetHash(part);
            }

            Assert.Equal(BatchKernels.RowsHash(batch), sum);
            Assert.Equal(BatchKernels.RowSetHash(batch), set);
        }
    }

    [Fact]
    public void Hashes_OtherOrderOrRows_DifferAsPromised()
    {
        var batch = Batches.Create(200, 1);
        var shuffled = BatchKernels.Take(batch, Permutation.Create(200, 1));
        var doubled = BatchKernels.Take(batch, [0, .. Enumerable.Range(0, 199)]);
        Assert.NotEqual(BatchKernels.Hash64(batch), BatchKernels.Hash64(shuffled));
        Assert.Equal(BatchKernels.RowSetHash(batch), BatchKernels.RowSetHash(shuffled));
        Assert.NotEqual(BatchKernels.RowSetHash(batch), BatchKernels.RowSetHash(doubled));
        Assert.Equal(
            BatchKernels.Hash64(batch),
            BatchKernels.Hash64(BatchKernels.Take(batch, [.. Enumerable.Range(0, 200)]))
        );
    }

    [Fact]
    public void Hash64_EachColumn_Counts()
    {
        var batch = Batches.Create(40, 1);
        var other = Batches.Create(40, 2);
        foreach (var name in batch.Schema.FieldsList.Select(field => field.Name))
        {
            var one = BatchKernels.Hash64(BatchKernels.Select(batch, [name]));
            Assert.NotEqual(one, BatchKernels.Hash64(BatchKernels.Select(other, [name])));
        }
    }

    [Fact]
    public void SizeBytes_Slice_CountsItsOwnRows()
    {
        var batch = BatchKernels.Select(Batches.Create(100, 1), ["double", "int16?", "bool", "list"]);
        var slice = BatchKernels.Slice(batch, 10, 16);
        Assert.Equal((16 * 8) + (16 * 2) + 2 + 2 + (16 * 3 * 4), BatchKernels.SizeBytes(slice));
    }

    [Fact]
    public void Take_RowOutsideTheBatch_SaysRowAndLength()
    {
        var error = Assert.Throws<ArgumentOutOfRangeException>(() => BatchKernels.Take(Batches.Create(10, 1), [3, 10]));
        Assert.Contains("Row 10 is asked for, batch 0 has 10 rows", error.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => BatchKernels.Gather([Batches.Create(1, 1)], [new(1, 0)]));
        Assert.Throws<ArgumentOutOfRangeException>(() => BatchKernels.Slice(Batches.Create(10, 1), 5, 6));
    }

    [Fact]
    public void Concat_OtherColumns_SaysBoth()
    {
        var batch = Batches.Create(3, 1);
        var error = Assert.Throws<ArgumentException>(() =>
            BatchKernels.Concat([BatchKernels.Select(batch, ["double"]), BatchKernels.Select(batch, ["float"])])
        );
        Assert.Contains("'float' float", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Take_UnsupportedType_NamesColumnAndType()
    {
        var array = new BinaryArray.Builder().Append([1]).Build();
        var batch = new RecordBatch(new Schema([new Field("blob", BinaryType.Default, true)], null), [array], 1);
        var error = Assert.Throws<NotSupportedException>(() => BatchKernels.Take(batch, [0]));
        Assert.Contains("Column 'blob' has the type binary", error.Message, StringComparison.Ordinal);
    }
}
