using System.Runtime.InteropServices;
using Apache.Arrow;

namespace Air.Orleans.Kernels.Columns;

/// <summary>Puts columns of one type behind each other.</summary>
internal static class ColumnConcat
{
    public static ArrayData Concat(string column, IReadOnlyList<ArrayData> parts)
    {
        var type = parts[0].DataType;
        var length = 0;
        var nulls = 0;
        foreach (var part in parts)
        {
            length = checked(length + part.Length);
            nulls += ColumnLayout.Nulls(part);
        }

        var validity = nulls == 0 ? ArrowBuffer.Empty : ConcatBits(parts, length, buffer: 0);
        switch (ColumnLayout.ShapeOf(type, column))
        {
            case ColumnShape.Bits:
                return new ArrayData(type, length, nulls, 0, [validity, ConcatBits(parts, length, buffer: 1)]);
            case ColumnShape.Fixed:
                var values = ConcatFixed(parts, length, ColumnLayout.FixedBytes(type));
                return new ArrayData(type, length, nulls, 0, [validity, values]);
            case ColumnShape.Text:
                var (offsets, bytes) = ConcatText(column, parts, length);
                return new ArrayData(type, length, nulls, 0, [validity, offsets, bytes]);
            default:
                var child = Concat(column, [.. parts.Select(ColumnLayout.ListValues)]);
                return new ArrayData(type, length, nulls, 0, [validity], [child]);
        }
    }

    private static ArrowBuffer ConcatBits(IReadOnlyList<ArrayData> parts, int length, int buffer)
    {
        var result = new byte[Bitmap.Bytes(length)];
        var written = 0;
        foreach (var part in parts)
        {
            if (part.Buffers[buffer].IsEmpty)
            {
                for (var i = 0; i < part.Length; i++)
                {
                    Bitmap.Set(result, written + i);
                }
            }
            else
            {
                Bitmap.Copy(part.Buffers[buffer].Span, part.Offset, result, written, part.Length);
            }

            written += part.Length;
        }

        return new ArrowBuffer(result);
    }

    private static ArrowBuffer ConcatFixed(IReadOnlyList<ArrayData> parts, int length, int width)
    {
        var result = GC.AllocateUninitializedArray<byte>(checked(length * width));
        var written = 0;
        foreach (var part in parts)
        {
            var values = ColumnLayout.FixedMemory(part, width).Span;
            values.CopyTo(result.AsSpan(written));
            written += values.Length;
        }

        return new ArrowBuffer(result);
    }

    private static (ArrowBuffer Offsets, ArrowBuffer Bytes) ConcatText(
        string column,
        IReadOnlyList<ArrayData> parts,
        int length
    )
    {
        var total = 0L;
        foreach (var part in parts)
        {
            var source = ColumnLayout.TextOffsets(part);
            total += source[^1] - source[0];
        }

        ColumnGather.CheckTextLength(column, total);
        var buffer = GC.AllocateUninitializedArray<byte>(checked((length + 1) * sizeof(int)));
        var bytes = GC.AllocateUninitializedArray<byte>((int)total);
        var offsets = MemoryMarshal.Cast<byte, int>(buffer.AsSpan());
        var row = 0;
        var written = 0;
        foreach (var part in parts)
        {
            var source = ColumnLayout.TextOffsets(part);
            for (var i = 0; i < part.Length; i++)
            {
                offsets[row++] = source[i] - source[0] + written;
            }

            var text = part.Length == 0 ? [] : part.Buffers[2].Span[source[0]..source[^1]];
            text.CopyTo(bytes.AsSpan(written));
            written += text.Length;
        }

        offsets[row] = written;
        return (new ArrowBuffer(buffer), new ArrowBuffer(bytes));
    }
}
