using System.Runtime.InteropServices;
using Apache.Arrow;
using Apache.Arrow.Types;

namespace Air.Orleans.Kernels.Columns;

/// <summary>How a column lies in memory.</summary>
internal enum ColumnShape
{
    /// <summary>One bit a row.</summary>
    Bits,

    /// <summary>The same number of bytes for each row.</summary>
    Fixed,

    /// <summary>Offsets and bytes.</summary>
    Text,

    /// <summary>A child column with the same number of rows for each row.</summary>
    FixedList,
}

/// <summary>Answers what kernels ask about a column's buffers; all indices count from the start of the slice.</summary>
internal static class ColumnLayout
{
    /// <summary>Gives a column's shape, or says that no kernel takes its type.</summary>
    public static ColumnShape ShapeOf(IArrowType type, string? column)
    {
        if (type is FixedSizeListType { ValueDataType.TypeId: ArrowTypeId.Float or ArrowTypeId.Double })
        {
            return ColumnShape.FixedList;
        }

        return type.TypeId switch
        {
            ArrowTypeId.Boolean => ColumnShape.Bits,
            ArrowTypeId.String => ColumnShape.Text,
            _ when FixedBytes(type) > 0 => ColumnShape.Fixed,
            _ => throw new NotSupportedException(
                $"{Named(column)} has the type {type.Name}: the kernels take Boolean, integers, Float, Double, dates and times, "
                    + "String, and FixedSizeList of Float or Double. Drop the column, or convert it to one of these."
            ),
        };
    }

    /// <summary>Gives the bytes a row takes in a column of shape <see cref="ColumnShape.Fixed"/>, 0 for other types.</summary>
    public static int FixedBytes(IArrowType type) =>
        type.TypeId switch
        {
            ArrowTypeId.Int8 or ArrowTypeId.UInt8 => 1,
            ArrowTypeId.Int16 or ArrowTypeId.UInt16 or ArrowTypeId.HalfFloat => 2,
            ArrowTypeId.Int32 or ArrowTypeId.UInt32 or ArrowTypeId.Float or ArrowTypeId.Date32 or ArrowTypeId.Time32 =>
                4,
            ArrowTypeId.Int64 or ArrowTypeId.UInt64 or ArrowTypeId.Double or ArrowTypeId.Date64 => 8,
            ArrowTypeId.Time64 or ArrowTypeId.Timestamp or ArrowTypeId.Duration => 8,
            _ => 0,
        };

    /// <summary>Gives how many child rows a row has.</summary>
    public static int ListSize(ArrayData data) => ((FixedSizeListType)data.DataType).ListSize;

    /// <summary>Gives the child rows that belong to a list column's slice.</summary>
    public static ArrayData ListValues(ArrayData data)
    {
        var size = ListSize(data);
        return Slice(data.Children[0], checked(data.Offset * size), checked(data.Length * size));
    }

    /// <summary>Gives the bytes of a column of fixed-width rows.</summary>
    public static ReadOnlyMemory<byte> FixedMemory(ArrayData data, int width) =>
        data.Length == 0
            ? ReadOnlyMemory<byte>.Empty
            : data.Buffers[1].Memory.Slice(checked(data.Offset * width), checked(data.Length * width));

    /// <summary>Gives the values of a column of fixed-width rows.</summary>
    public static ReadOnlySpan<T> Values<T>(ArrayData data)
        where T : unmanaged =>
        MemoryMarshal.Cast<byte, T>(FixedMemory(data, System.Runtime.CompilerServices.Unsafe.SizeOf<T>()).Span);

    /// <summary>Gives a text column's offsets, one more than rows.</summary>
    public static ReadOnlySpan<int> TextOffsets(ArrayData data) =>
        data.Length == 0
            ? [0]
            : MemoryMarshal.Cast<byte, int>(data.Buffers[1].Span).Slice(data.Offset, data.Length + 1);

    /// <summary>Says whether the slice holds a null.</summary>
    public static bool HasNulls(ArrayData data) => Nulls(data) > 0;

    /// <summary>Counts the nulls of the slice.</summary>
    public static int Nulls(ArrayData data) =>
        data.NullCount == 0 || data.Buffers[0].IsEmpty
            ? 0
            : data.Length - Bitmap.CountSet(data.Buffers[0].Span, data.Offset, data.Length);

    /// <summary>Gives the first null's row, or -1.</summary>
    public static int FirstNull(ArrayData data)
    {
        if (HasNulls(data))
        {
            var bits = data.Buffers[0].Span;
            for (var row = 0; row < data.Length; row++)
            {
                if (!Bitmap.Get(bits, data.Offset + row))
                {
                    return row;
                }
            }
        }

        return -1;
    }

    /// <summary>
    /// Gives rows of a column without a copy. The result owns nothing: to dispose it does nothing, and it keeps the memory
    /// from being collected.
    /// </summary>
    public static ArrayData Slice(ArrayData data, int offset, int length)
    {
        var buffers = BorrowedMemory.Buffers(data);
        var children = data.Children is null
            ? null
            : System.Array.ConvertAll(data.Children, child => Slice(child, 0, child.Length));
        // -1 is Arrow's own mark for a count that is made when it is asked for.
        var nulls = data.NullCount == 0 ? 0 : -1;
        return new ArrayData(data.DataType, length, nulls, data.Offset + offset, buffers, children, data.Dictionary);
    }

    /// <summary>Gives the validity bits of a slice moved to offset 0, or no bits when there is no null.</summary>
    public static ArrowBuffer CopyValidity(ArrayData data)
    {
        if (!HasNulls(data))
        {
            return ArrowBuffer.Empty;
        }

        var bits = new byte[Bitmap.Bytes(data.Length)];
        Bitmap.Copy(data.Buffers[0].Span, data.Offset, bits, 0, data.Length);
        return new ArrowBuffer(bits);
    }

    public static string Named(string? column) => column is null ? "The column" : $"Column '{column}'";
}
