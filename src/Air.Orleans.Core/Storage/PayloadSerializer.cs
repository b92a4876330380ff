using Orleans.Storage;

namespace Air.Orleans.Core.Storage;

/// <summary>
/// Hands the bytes of a <see cref="Payload"/> through, so that what a storage keeps is exactly what its OrleansGrainStorageSerializer
/// would have written.
/// </summary>
internal sealed class PayloadSerializer : IGrainStorageSerializer
{
    public BinaryData Serialize<T>(T? input) =>
        input is Payload payload ? BinaryData.FromBytes(payload.Bytes) : throw Foreign(typeof(T));

    public T Deserialize<T>(BinaryData input) =>
        typeof(T) == typeof(Payload) ? (T)(object)new Payload { Bytes = input.ToMemory() } : throw Foreign(typeof(T));

    private static InvalidOperationException Foreign(Type type) =>
        new(
            $"The storage behind Air.Orleans keeps states as bytes, and was given a {type}. Use the storage named '{AirOptions.StorageName}'."
        );
}
