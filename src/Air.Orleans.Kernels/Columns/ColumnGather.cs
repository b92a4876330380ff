using System.Runtime.InteropServices;
using Apache.Arrow;

namespace Air.Orleans.Kernels.Columns;

/// <summary>Copies single rows of columns, in any order and from any of several columns of one type.</summary>
internal static unsafe class ColumnGather
{
    /// <summary>Gathers rows; the addresses must have been checked.</summary>
    public static ArrayData Gather<TRows>(string column, IReadOnlyList<ArrayData> sources, TRows rows)
        where TRows : struct, IRowSource, allows ref struct
    {
        var type = sources[0].DataType;
        var validity = Validity(sources, rows, out var nulls);
        switch (ColumnLayout.ShapeOf(type, column))
        {
            case ColumnShape.Bits:
                var bits = GatherBits(sources, rows, buffer: 1, out _);
                return new ArrayData(type, rows.Count, nulls, 0, [validity, bits]);
            case ColumnShape.Fixed:
                var values = GatherFixed(sources, rows, ColumnLayout.FixedBytes(type));
                return new ArrayData(type, rows.Count, nulls, 0, [validity, values]);
            case ColumnShape.Text:
                var (offsets, bytes) = GatherText(column, sources, rows);
                return new ArrayData(type, rows.Count, nulls, 0, [validity, offsets, bytes]);
            default:
                var child = GatherLists(column, sources, rows);
                return new ArrayData(type, rows.Count, nulls, 0, [validity], [child]);
        }
    }

    private static ArrowBuffer Validity<TRows>(IReadOnlyList<ArrayData> sources, TRows rows, out int nulls)
        where TRows : struct, IRowSource, allows ref struct
    {
        nulls = 0;
        if (!sources.Any(ColumnLayout.HasNulls))
        {
            return ArrowBuffer.Empty;
        }

        var bits = GatherBits(sources, rows, buffer: 0, out var set);
        nulls = rows.Count - set;
        return nulls == 0 ? ArrowBuffer.Empty : bits;
    }

    // A source without validity bits has no nulls: all its bits count as set.
    private static ArrowBuffer GatherBits<TRows>(IReadOnlyList<ArrayData> sources, TRows rows, int buffer, out int set)
        where TRows : struct, IRowSource, allows ref struct
    {
        using var pinned = PinnedBuffers.Of(sources, source => source.Buffers[buffer].Memory);
        var addresses = pinned.Addresses;
        var starts = sources.Select(source => source.Offset).ToArray();
        var result = new byte[Bitmap.Bytes(rows.Count)];
        set = 0;
        for (var i = 0; i < rows.Count; i++)
        {
            var (batch, row) = rows[i];
            var bits = (byte*)addresses[batch];
            var at = starts[batch] + row;
            var bit = bits == null ? 1 : (bits[at >> 3] >> (at & 7)) & 1;
            result[i >> 3] |= (byte)(bit << (i & 7));
            set += bit;
        }

        return new ArrowBuffer(result);
    }

    private static ArrowBuffer GatherFixed<TRows>(
        IReadOnlyList<ArrayData> sources,
        TRows rows,
        int width,
        int perRow = 1
    )
        where TRows : struct, IRowSource, allows ref struct
    {
        var result = GC.AllocateUninitializedArray<byte>(checked(rows.Count * width));
        using var pinned = PinnedBuffers.Of(sources, source => ColumnLayout.FixedMemory(source, width / perRow));
        switch (width)
        {
            case 1:
                Copy(pinned.Addresses, rows, result.AsSpan());
                break;
            case 2:
                Copy(pinned.Addresses, rows, MemoryMarshal.Cast<byte, short>(result.AsSpan()));
                break;
            case 4:
                Copy(pinned.Addresses, rows, MemoryMarshal.Cast<byte, int>(result.AsSpan()));
                break;
            case 8:
                Copy(pinned.Addresses, rows, MemoryMarshal.Cast<byte, long>(result.AsSpan()));
                break;
            default:
                for (var i = 0; i < rows.Count; i++)
                {
                    var (batch, row) = rows[i];
                    var source = (byte*)pinned.Addresses[batch] + ((long)row * width);
                    new ReadOnlySpan<byte>(source, width).CopyTo(result.AsSpan(i * width));
                }

                break;
        }

        return new ArrowBuffer(result);
    }

    private static void Copy<T, TRows>(ReadOnlySpan<nint> sources, TRows rows, Span<T> result)
        where T : unmanaged
        where TRows : struct, IRowSource, allows ref struct
    {
        for (var i = 0; i < result.Length; i++)
        {
            var (batch, row) = rows[i];
            result[i] = ((T*)sources[batch])[row];
        }
    }

    private static (ArrowBuffer Offsets, ArrowBuffer Bytes) GatherText<TRows>(
        string column,
        IReadOnlyList<ArrayData> sources,
        TRows rows
    )
        where TRows : struct, IRowSource, allows ref struct
    {
        using var pinnedOffsets = PinnedBuffers.Of(sources, source => source.Buffers[1].Memory);
        using var pinnedBytes = PinnedBuffers.Of(sources, source => source.Buffers[2].Memory);
        var starts = sources.Select(source => source.Offset).ToArray();
        var buffer = GC.AllocateUninitializedArray<byte>(checked((rows.Count + 1) * sizeof(int)));
        var offsets = MemoryMarshal.Cast<byte, int>(buffer.AsSpan());
        offsets[0] = 0;
        var length = 0L;
        for (var i = 0; i < rows.Count; i++)
        {
            var (batch, row) = rows[i];
            var text = (int*)pinnedOffsets.Addresses[batch] + starts[batch] + row;
            length += text[1] - text[0];
            CheckTextLength(column, length);
            offsets[i + 1] = (int)length;
        }

        var bytes = GC.AllocateUninitializedArray<byte>((int)length);
        for (var i = 0; i < rows.Count; i++)
        {
            var (batch, row) = rows[i];
            var start = ((int*)pinnedOffsets.Addresses[batch])[starts[batch] + row];
            var target = bytes.AsSpan(offsets[i], offsets[i + 1] - offsets[i]);
            new ReadOnlySpan<byte>((byte*)pinnedBytes.Addresses[batch] + start, target.Length).CopyTo(target);
        }

        return (new ArrowBuffer(buffer), new ArrowBuffer(bytes));
    }

    private static ArrayData GatherLists<TRows>(string column, IReadOnlyList<ArrayData> sources, TRows rows)
        where TRows : struct, IRowSource, allows ref struct
    {
        var size = ColumnLayout.ListSize(sources[0]);
        var children = sources.Select(ColumnLayout.ListValues).ToArray();
        var type = children[0].DataType;
        var length = checked(rows.Count * size);
        if (!children.Any(ColumnLayout.HasNulls))
        {
            var values = GatherFixed(children, rows, size * ColumnLayout.FixedBytes(type), size);
            return new ArrayData(type, length, 0, 0, [ArrowBuffer.Empty, values]);
        }

        var elements = new RowAddress[length];
        for (var i = 0; i < elements.Length; i++)
        {
            var (batch, row) = rows[i / size];
            elements[i] = new RowAddress(batch, (row * size) + (i % size));
        }

        return Gather(column, children, new AddressedRows(elements));
    }

    public static void CheckTextLength(string column, long length)
    {
        if (length > System.Array.MaxLength)
        {
            throw new InvalidOperationException(
                $"Column '{column}' would have more than {System.Array.MaxLength} bytes of text: one batch can hold no more. "
                    + "Make smaller batches."
            );
        }
    }
}
