using Air.Orleans.Kernels.Columns;
using Air.Orleans.Kernels.Numerics;
using Apache.Arrow;
using Apache.Arrow.Types;

namespace Air.Orleans.Kernels.Tests.Columns;

/// <summary>Batches with a column of every shape and width, with and without nulls, whole and sliced.</summary>
internal static class Batches
{
    private static readonly string[] Words = ["", "a", "ü", "longer than a few bytes", "null"];

    /// <summary>Rows made by Arrow's own builders; odd columns have nulls.</summary>
    public static RecordBatch Create(int rows, ulong seed)
    {
        var random = new SeededRandom(seed);
        var all = Enumerable.Range(0, rows).ToList();
        bool IsNull() => random.NextInt(4) == 0;
        var columns = new (string, IArrowArray)[]
        {
            ("double", new DoubleArray.Builder().AppendRange(all.Select(_ => random.NextGaussian())).Build()),
            ("double?", Nullable(new DoubleArray.Builder(), () => random.NextGaussian())),
            ("float", new FloatArray.Builder().AppendRange(all.Select(_ => (float)random.NextGaussian())).Build()),
            ("int64?", Nullable(new Int64Array.Builder(), () => (long)random.NextUInt64())),
            ("int32", new Int32Array.Builder().AppendRange(all.Select(_ => random.NextInt(1000))).Build()),
            ("int16?", Nullable(new Int16Array.Builder(), () => (short)random.NextInt(9999))),
            ("int8", new Int8Array.Builder().AppendRange(all.Select(_ => (sbyte)random.NextInt(99))).Build()),
            ("uint8?", Nullable(new UInt8Array.Builder(), () => (byte)random.NextInt(255))),
            ("uint16", new UInt16Array.Builder().AppendRange(all.Select(_ => (ushort)random.NextInt(65535))).Build()),
            ("uint32?", Nullable(new UInt32Array.Builder(), () => (uint)random.NextUInt64())),
            ("uint64", new UInt64Array.Builder().AppendRange(all.Select(_ => random.NextUInt64())).Build()),
            ("bool?", Bools(true)),
            ("bool", Bools(false)),
            ("text?", Texts(true)),
            ("text", Texts(false)),
            ("list", FeatureMatrix.Wrap(Floats(rows * 3), rows, 3)),
            ("list?", Lists()),
        };
        var fields = columns.Select(column => new Field(column.Item1, column.Item2.Data.DataType, nullable: true));
        return new RecordBatch(new Schema(fields, null), columns.Select(column => column.Item2), rows);

        IArrowArray Nullable<T, TArray, TBuilder>(PrimitiveArrayBuilder<T, TArray, TBuilder> builder, Func<T> value)
            where T : struct
            where TArray : IArrowArray
            where TBuilder : PrimitiveArrayBuilder<T, TArray, TBuilder>
        {
            foreach (var _ in all)
            {
                if (IsNull())
                {
                    builder.AppendNull();
                }
                else
                {
                    builder.Append(value());
                }
            }

            return builder.Build();
        }

        BooleanArray Bools(bool nulls)
        {
            var builder = new BooleanArray.Builder();
            all.ForEach(_ =>
            {
                if (nulls && IsNull())
                {
                    builder.AppendNull();
                }
                else
                {
                    builder.Append(random.NextInt(2) == 0);
                }
            });
            return builder.Build();
        }

        StringArray Texts(bool nulls)
        {
            var builder = new StringArray.Builder();
            all.ForEach(_ =>
            {
                if (nulls && IsNull())
                {
                    builder.AppendNull();
                }
                else
                {
                    builder.Append(Words[random.NextInt(5)]);
                }
            });
            return builder.Build();
        }

        byte[] Floats(int count) =>
            [.. Enumerable.Range(0, count).SelectMany(_ => BitConverter.GetBytes((float)random.NextGaussian()))];

        // Null lists, and null elements in lists that are not null.
        FixedSizeListArray Lists()
        {
            var values = new DoubleArray.Builder();
            var bits = new byte[(rows + 7) / 8];
            var nulls = 0;
            foreach (var row in all)
            {
                var isNull = IsNull();
                nulls += isNull ? 1 : 0;
                bits[row / 8] |= (byte)(isNull ? 0 : 1 << (row % 8));
                for (var i = 0; i < 2; i++)
                {
                    _ = isNull || IsNull() ? values.AppendNull() : values.Append(random.NextGaussian());
                }
            }

            var type = new FixedSizeListType(new Field("item", DoubleType.Default, true), 2);
            return new FixedSizeListArray(type, rows, values.Build(), new ArrowBuffer(bits), nulls, 0);
        }
    }

    /// <summary>The batch as plain values, row by row, read by Arrow's own accessors.</summary>
    public static List<string> Rows(RecordBatch batch) =>
        [
            .. Enumerable
                .Range(0, batch.Length)
                .Select(row => string.Join('|', batch.Arrays.Select(array => Value(array, row)))),
        ];

    private static string Value(IArrowArray array, int row)
    {
        if (array.IsNull(row))
        {
            return "null!";
        }

        return array switch
        {
            StringArray text => $"'{text.GetString(row)}'",
            BooleanArray bits => $"{bits.GetValue(row)}",
            FixedSizeListArray lists => $"[{string.Join(';', Elements(lists, row))}]",
            DoubleArray values => $"{values.GetValue(row):R}",
            FloatArray values => $"{values.GetValue(row):R}",
            Int64Array values => $"{values.GetValue(row)}",
            Int32Array values => $"{values.GetValue(row)}",
            Int16Array values => $"{values.GetValue(row)}",
            Int8Array values => $"{values.GetValue(row)}",
            UInt8Array values => $"{values.GetValue(row)}",
            UInt16Array values => $"{values.GetValue(row)}",
            UInt32Array values => $"{values.GetValue(row)}",
            UInt64Array values => $"{values.GetValue(row)}",
            _ => throw new InvalidOperationException(array.GetType().Name),
        };
    }

    private static IEnumerable<string> Elements(FixedSizeListArray lists, int row)
    {
        var size = ((FixedSizeListType)lists.Data.DataType).ListSize;
        var values = ArrowArrayFactory.BuildArray(lists.Data.Children[0]);
        return Enumerable.Range((lists.Data.Offset + row) * size, size).Select(index => Value(values, index));
    }
}
