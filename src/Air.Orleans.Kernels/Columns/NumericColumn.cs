using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Apache.Arrow;
using Apache.Arrow.Types;

namespace Air.Orleans.Kernels.Columns;

/// <summary>What is done with the values of a numeric column, compiled once for each type of value.</summary>
internal interface INumericOperation
{
    void Invoke<T>(scoped ReadOnlySpan<T> values)
        where T : unmanaged, INumber<T>;
}

/// <summary>Reads numeric columns of any type.</summary>
internal static class NumericColumn
{
    public static bool IsNumeric(IArrowType type) =>
        type.TypeId
            is ArrowTypeId.Boolean
                or ArrowTypeId.Int8
                or ArrowTypeId.Int16
                or ArrowTypeId.Int32
                or ArrowTypeId.Int64
                or ArrowTypeId.UInt8
                or ArrowTypeId.UInt16
                or ArrowTypeId.UInt32
                or ArrowTypeId.UInt64
                or ArrowTypeId.Float
                or ArrowTypeId.Double;

    public static void CheckNumeric(IArrowType type, string? column)
    {
        if (!IsNumeric(type))
        {
            throw new NotSupportedException(
                $"{ColumnLayout.Named(column)} has the type {type.Name}: it must be Boolean, an integer, Float or Double. "
                    + "Convert it to numbers, or leave it out."
            );
        }
    }

    /// <summary>Calls the operation with some of a column's values; truth values come as the bytes 0 and 1.</summary>
    public static void Visit<TOperation>(ArrayData data, int start, int count, ref TOperation operation)
        where TOperation : struct, INumericOperation, allows ref struct
    {
        switch (data.DataType.TypeId)
        {
            case ArrowTypeId.Boolean:
                Span<byte> bytes = count <= 1024 ? stackalloc byte[count] : new byte[count];
                for (var i = 0; i < count; i++)
                {
                    bytes[i] = Bitmap.Get(data.Buffers[1].Span, data.Offset + start + i) ? (byte)1 : (byte)0;
                }

                operation.Invoke<byte>(bytes);
                break;
            case ArrowTypeId.Int8:
                operation.Invoke(ColumnLayout.Values<sbyte>(data).Slice(start, count));
                break;
            case ArrowTypeId.Int16:
                operation.Invoke(ColumnLayout.Values<short>(data).Slice(start, count));
                break;
            case ArrowTypeId.Int32:
                operation.Invoke(ColumnLayout.Values<int>(data).Slice(start, count));
                break;
            case ArrowTypeId.Int64:
                operation.Invoke(ColumnLayout.Values<long>(data).Slice(start, count));
                break;
            case ArrowTypeId.UInt8:
                operation.Invoke(ColumnLayout.Values<byte>(data).Slice(start, count));
                break;
            case ArrowTypeId.UInt16:
                operation.Invoke(ColumnLayout.Values<ushort>(data).Slice(start, count));
                break;
            case ArrowTypeId.UInt32:
                operation.Invoke(ColumnLayout.Values<uint>(data).Slice(start, count));
                break;
            case ArrowTypeId.UInt64:
                operation.Invoke(ColumnLayout.Values<ulong>(data).Slice(start, count));
                break;
            case ArrowTypeId.Float:
                operation.Invoke(ColumnLayout.Values<float>(data).Slice(start, count));
                break;
            default:
                operation.Invoke(ColumnLayout.Values<double>(data).Slice(start, count));
                break;
        }
    }

    /// <summary>Gives some of a column's values as doubles, rounded to nearest.</summary>
    public static void ToDoubles(ArrayData data, int start, Span<double> destination)
    {
        var operation = new DoubleConversion(destination);
        Visit(data, start, destination.Length, ref operation);
    }

    private readonly ref struct DoubleConversion(Span<double> destination) : INumericOperation
    {
        private readonly Span<double> destination = destination;

        public void Invoke<T>(scoped ReadOnlySpan<T> values)
            where T : unmanaged, INumber<T>
        {
            if (typeof(T) == typeof(double))
            {
                MemoryMarshal.Cast<T, double>(values).CopyTo(destination);
                return;
            }

            var i = 0;
            if (typeof(T) == typeof(float))
            {
                i = WidenFloats(MemoryMarshal.Cast<T, float>(values), destination);
            }
            else if (typeof(T) == typeof(long))
            {
                i = WidenLongs(MemoryMarshal.Cast<T, long>(values), destination);
            }

            for (; i < values.Length; i++)
            {
                destination[i] = double.CreateTruncating(values[i]);
            }
        }

        private static int WidenFloats(ReadOnlySpan<float> values, Span<double> destination)
        {
            var i = 0;
            for (; i <= values.Length - Vector256<float>.Count; i += Vector256<float>.Count)
            {
                var (low, high) = Vector256.Widen(Vector256.Create(values[i..]));
                low.CopyTo(destination[i..]);
                high.CopyTo(destination[(i + Vector256<double>.Count)..]);
            }

            return i;
        }

        private static int WidenLongs(ReadOnlySpan<long> values, Span<double> destination)
        {
            var i = 0;
            for (; i <= values.Length - Vector256<long>.Count; i += Vector256<long>.Count)
            {
                Vector256.ConvertToDouble(Vector256.Create(values[i..])).CopyTo(destination[i..]);
            }

            return i;
        }
    }
}
