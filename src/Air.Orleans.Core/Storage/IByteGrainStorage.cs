using Orleans.Storage;

namespace Air.Orleans.Core.Storage;

/// <summary>
/// A grain storage that also takes and gives bytes as they are: without the serializer, without copies, without ETags. What is written
/// here is what <see cref="IGrainStorage"/> reads into an <see cref="IByteState"/> under the same name, and the other way round.
/// Implementations may block; callers are threads of their own.
/// </summary>
internal interface IByteGrainStorage : IGrainStorage
{
    /// <summary>Keeps <paramref name="content"/>, in place of what was there; when it returns, a crash does not undo it.</summary>
    Task WriteBytesAsync(string stateName, GrainId grainId, ReadOnlyMemory<byte> content);

    /// <summary>
    /// Reads what is kept into <paramref name="destination"/>, as far as that reaches, and gives the length of what is kept; null where
    /// there is nothing.
    /// </summary>
    Task<long?> ReadBytesAsync(string stateName, GrainId grainId, Memory<byte> destination);

    /// <summary>Deletes what is kept; nothing happens where there is nothing.</summary>
    Task DeleteBytesAsync(string stateName, GrainId grainId);
}

/// <summary>A state that is nothing but bytes, which storages keep as they are.</summary>
internal interface IByteState
{
    /// <summary>The content.</summary>
    byte[] Bytes { get; set; }
}
