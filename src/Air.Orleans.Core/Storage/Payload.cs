namespace Air.Orleans.Core.Storage;

/// <summary>A state as the bytes of Orleans' serializer: what storages behind <see cref="GuardedGrainStorage"/> are given.</summary>
internal sealed class Payload
{
    public ReadOnlyMemory<byte> Bytes { get; init; }
}
