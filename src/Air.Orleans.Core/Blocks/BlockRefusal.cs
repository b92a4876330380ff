using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using Orleans.Serialization.Buffers;
using Orleans.Serialization.Cloning;
using Orleans.Serialization.Codecs;
using Orleans.Serialization.Serializers;
using Orleans.Serialization.WireProtocol;

namespace Air.Orleans.Core.Blocks;

/// <summary>
/// Refuses rows in grain messages, in grain state and in what is shipped: they would be copied there several times over and hold up every other
/// message. Stateless.
/// </summary>
internal sealed class BlockRefusal : IGeneralizedCodec, IGeneralizedCopier
{
    public bool IsSupportedType(Type type) =>
        typeof(RecordBatch).IsAssignableFrom(type)
        || typeof(IArrowArray).IsAssignableFrom(type)
        || typeof(Table).IsAssignableFrom(type)
        || typeof(ChunkedArray).IsAssignableFrom(type)
        || typeof(BlockLease).IsAssignableFrom(type)
        || typeof(ArrayData).IsAssignableFrom(type);

    public void WriteField<TBufferWriter>(
        ref Writer<TBufferWriter> writer,
        uint fieldIdDelta,
        Type? expectedType,
        object? value
    )
        where TBufferWriter : IBufferWriter<byte>
    {
        if (value is null)
        {
            ReferenceCodec.TryWriteReferenceField(ref writer, fieldIdDelta, expectedType, value);
            return;
        }

        Refuse(value);
    }

    public object? ReadValue<TInput>(ref Reader<TInput> reader, global::Orleans.Serialization.WireProtocol.Field field)
    {
        if (field.WireType == WireType.Reference)
        {
            return ReferenceCodec.ReadReference<object?, TInput>(ref reader, field);
        }

        throw new AirException(
            "A message holds rows, which no process of Air.Orleans writes into one; it comes from another version."
        );
    }

    public object? DeepCopy(object? input, CopyContext context)
    {
        if (input is not null)
        {
            Refuse(input);
        }

        return null;
    }

    [DoesNotReturn]
    private static void Refuse(object value) =>
        throw new AirException(
            $"A {value.GetType().Name} cannot go into a grain call, a grain's state or a shipped function: rows never travel in messages. "
                + "Call air.Blocks.PutAsync(batch), send the BlockRef that it gives, and call air.Blocks.GetAsync(reference) where the rows are needed."
        );
}
