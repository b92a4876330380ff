using Air.Orleans.Kernels.Columns;
using Air.Orleans.Kernels.Numerics;
using Apache.Arrow;
using Apache.Arrow.Types;

namespace Air.Orleans.Kernels.Tests.Columns;

public class FeatureMatrixTests
{
    private static readonly string[] Columns = ["double", "list", "int32", "bool", "float", "uint64"];

    [Theory]
    [InlineData(0, 0)]
    [InlineData(3, 1)]
    [InlineData(5, 128)]
    [InlineData(7, 700)]
    public void Concatenate_NumbersAndLists_GivesRowsOfFeatures(int offset, int length)
    {
        var batch = BatchKernels.Slice(Batches.Create(800, 2), offset, length);
        var matrix = FeatureMatrix.Concatenate(batch, Columns);
        Assert.Equal(8, ((FixedSizeListType)matrix.Data.DataType).ListSize);
        var values = FeatureMatrix.AsSpan(matrix);
        Assert.Equal(length * 8, values.Length);
        var lists = FeatureMatrix.AsSpan((FixedSizeListArray)batch.Column("list"));
        for (var row = 0; row < length; row++)
        {
            float[] expected =
            [
                (float)((DoubleArray)batch.Column("double")).GetValue(row)!.Value,
                .. lists.Slice(row * 3, 3),
                ((Int32Array)batch.Column("int32")).GetValue(row)!.Value,
                ((BooleanArray)batch.Column("bool")).GetValue(row)!.Value ? 1 : 0,
                ((FloatArray)batch.Column("float")).GetValue(row)!.Value,
                ((UInt64Array)batch.Column("uint64")).GetValue(row)!.Value,
            ];
            Assert.Equal(expected, values.Slice(row * 8, 8).ToArray());
        }
    }

    [Fact]
    public void AsSpan_SlicedMatrix_GivesTheSlice()
    {
        var batch = Batches.Create(50, 2);
        var whole = FeatureMatrix.AsSpan((FixedSizeListArray)batch.Column("list")).ToArray();
        var slice = BatchKernels.Slice(batch, 11, 20);
        Assert.Equal(whole[33..93], FeatureMatrix.AsSpan((FixedSizeListArray)slice.Column("list")).ToArray());
        var arrows = (FixedSizeListArray)ArrowArrayFactory.BuildArray(batch.Column("list").Data.Slice(11, 20));
        Assert.Equal(whole[33..93], FeatureMatrix.AsSpan(arrows).ToArray());
    }

    [Fact]
    public void Concatenate_Null_NamesColumnAndRow()
    {
        var array = new DoubleArray.Builder().Append(0).Append(1).Append(2).AppendNull().Build();
        var batch = new RecordBatch(new Schema([new Field("age", DoubleType.Default, true)], null), [array], 4);
        var error = Assert.Throws<ArgumentException>(() =>
            FeatureMatrix.Concatenate(BatchKernels.Slice(batch, 1, 3), ["age"])
        );
        Assert.Contains("Column 'age' is null at row 2 of the batch", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Concatenate_NullInAList_Throws()
    {
        var error = Assert.Throws<ArgumentException>(() =>
            FeatureMatrix.Concatenate(Batches.Create(100, 2), ["list?"])
        );
        Assert.Contains("Column 'list?' is null at row", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Concatenate_TextColumn_NamesIt()
    {
        var error = Assert.Throws<NotSupportedException>(() =>
            FeatureMatrix.Concatenate(Batches.Create(5, 2), ["text"])
        );
        Assert.Contains("'text'", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(30)]
    public void Gather_RandomRows_CopiesThem(int width)
    {
        var matrix = Enumerable.Range(0, 100 * width).Select(i => (float)i).ToArray();
        int[] rows = [.. Permutation.Create(100, 1), 0, 99];
        var destination = new float[rows.Length * width];
        RowCopy.Gather(matrix, width, rows, destination);
        Assert.Equal(rows.SelectMany(row => matrix[(row * width)..((row + 1) * width)]), destination);
        Assert.Throws<ArgumentOutOfRangeException>(() => RowCopy.Gather(matrix, width, [100], new float[width]));
        Assert.Throws<ArgumentOutOfRangeException>(() => RowCopy.Gather(matrix, width, [-1], new float[width]));
        Assert.Throws<ArgumentException>(() => RowCopy.Gather(matrix, width, [1], new float[width + 1]));
    }
}
