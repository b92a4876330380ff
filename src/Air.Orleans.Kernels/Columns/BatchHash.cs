using System.Numerics;
using System.Runtime.InteropServices;
using Air.Orleans.Kernels.Numerics;
using Apache.Arrow;

namespace Air.Orleans.Kernels.Columns;

/// <summary>Gives one 64-bit hash per row, from the values of all columns in their order.</summary>
internal static class BatchHash
{
    private const ulong Multiplier = 0x9FB21C651E98DF25;
    private const ulong NullValue = 0xD6E8FEB86659FD93;

    public static ulong[] Rows(RecordBatch batch)
    {
        var hashes = new ulong[batch.Length];
        for (var i = 0; i < batch.ColumnCount; i++)
        {
            var data = batch.Column(i).Data;
            var name = batch.Schema.GetFieldByIndex(i).Name;
            Add(data, name, hashes);
        }

        GC.KeepAlive(batch);
        return hashes;
    }

    public static ulong Bytes(ReadOnlySpan<byte> bytes)
    {
        var hash = Multiplier ^ (ulong)bytes.Length;
        foreach (var word in MemoryMarshal.Cast<byte, ulong>(bytes))
        {
            hash = Combine(hash, word);
        }

        var last = 0UL;
        foreach (var value in bytes[(bytes.Length & ~7)..])
        {
            last = (last << 8) | value;
        }

        return Combine(hash, last);
    }

    public static ulong Combine(ulong hash, ulong value) =>
        BitOperations.RotateLeft((hash ^ (value * Multiplier)) * Multiplier, 31);

    private static void Add(ArrayData data, string name, Span<ulong> hashes)
    {
        var shape = ColumnLayout.ShapeOf(data.DataType, name);
        var validity = ColumnLayout.HasNulls(data) ? data.Buffers[0].Span : default;
        var child = shape is ColumnShape.FixedList ? ListHashes(data, name) : [];
        var offsets = shape is ColumnShape.Text ? ColumnLayout.TextOffsets(data) : default;
        var width = ColumnLayout.FixedBytes(data.DataType);
        var fixedValues = shape is ColumnShape.Fixed ? ColumnLayout.FixedMemory(data, width).Span : default;
        for (var row = 0; row < hashes.Length; row++)
        {
            var value = NullValue;
            if (validity.IsEmpty || Bitmap.Get(validity, data.Offset + row))
            {
                value = shape switch
                {
                    ColumnShape.Bits => Bitmap.Get(data.Buffers[1].Span, data.Offset + row) ? 1UL : 0UL,
                    ColumnShape.Fixed => FixedValue(fixedValues, row, width),
                    ColumnShape.Text => Bytes(data.Buffers[2].Span[offsets[row]..offsets[row + 1]]),
                    _ => child[row],
                };
            }

            hashes[row] = Combine(hashes[row], value);
        }
    }

    private static ulong FixedValue(ReadOnlySpan<byte> values, int row, int width) =>
        width switch
        {
            1 => values[row],
            2 => MemoryMarshal.Cast<byte, ushort>(values)[row],
            4 => MemoryMarshal.Cast<byte, uint>(values)[row],
            _ => MemoryMarshal.Cast<byte, ulong>(values)[row],
        };

    private static ulong[] ListHashes(ArrayData data, string name)
    {
        var size = ColumnLayout.ListSize(data);
        var values = ColumnLayout.ListValues(data);
        var elements = new ulong[values.Length];
        Add(values, name, elements);
        var hashes = new ulong[data.Length];
        for (var i = 0; i < elements.Length; i++)
        {
            hashes[i / size] = Combine(hashes[i / size], elements[i]);
        }

        return hashes;
    }

    /// <summary>Spreads a row's hash once more before rows are summed, with its place in it when the order counts.</summary>
    public static ulong Spread(ulong hash, ulong place) =>
        SeededRandom.Mix(hash ^ SeededRandom.Mix(place + Multiplier));
}
