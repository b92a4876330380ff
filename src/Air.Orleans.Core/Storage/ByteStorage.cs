using Orleans.Storage;

namespace Air.Orleans.Core.Storage;

/// <summary>
/// Pieces of bytes in a silo's grain storage: as bytes where it takes bytes, else as states like any other. May block, so it is called from
/// threads that may. Thread-safe.
/// </summary>
internal sealed class ByteStorage(IServiceProvider services, string stateName, GrainType kind)
{
    /// <summary>Whether the storage takes bytes as they are; otherwise every layer of it copies them, and pieces should be shorter.</summary>
    public bool TakesBytes => Storage is IByteGrainStorage;

    private IGrainStorage Storage => services.GetRequiredKeyedService<IGrainStorage>(AirOptions.StorageName);

    /// <summary>Keeps a piece, in place of what was there.</summary>
    public async Task WriteAsync(string key, ReadOnlyMemory<byte> content)
    {
        if (Storage is IByteGrainStorage bytes)
        {
            await bytes.WriteBytesAsync(stateName, Id(key), content);
            return;
        }

        var state = new GrainState<StoredBytes> { State = new StoredBytes { Bytes = content.ToArray() } };
        try
        {
            await Storage.WriteStateAsync(stateName, Id(key), state);
        }
        catch (InconsistentStateException)
        {
            // There is one, perhaps of an interrupted attempt.
            var stored = new GrainState<StoredBytes>();
            await Storage.ReadStateAsync(stateName, Id(key), stored);
            state.ETag = stored.ETag;
            await Storage.WriteStateAsync(stateName, Id(key), state);
        }
    }

    /// <summary>Reads as far as the destination reaches, and gives the length of what is kept; null where there is nothing.</summary>
    public async Task<long?> ReadAsync(string key, Memory<byte> destination)
    {
        if (Storage is IByteGrainStorage bytes)
        {
            return await bytes.ReadBytesAsync(stateName, Id(key), destination);
        }

        var state = new GrainState<StoredBytes>();
        await Storage.ReadStateAsync(stateName, Id(key), state);
        if (!state.RecordExists)
        {
            return null;
        }

        var content = state.State!.Bytes;
        content.AsSpan(0, Math.Min(content.Length, destination.Length)).CopyTo(destination.Span);
        return content.Length;
    }

    /// <summary>Deletes a piece; nothing happens where there is none.</summary>
    public async Task DeleteAsync(string key)
    {
        if (Storage is IByteGrainStorage bytes)
        {
            await bytes.DeleteBytesAsync(stateName, Id(key));
            return;
        }

        var state = new GrainState<StoredBytes>();
        await Storage.ReadStateAsync(stateName, Id(key), state);
        if (state.RecordExists)
        {
            await Storage.ClearStateAsync(stateName, Id(key), state);
        }
    }

    private GrainId Id(string key) => GrainId.Create(kind, key);
}

/// <summary>One piece, as grain storage keeps it.</summary>
[GenerateSerializer, Alias("air.core.StoredShard")]
internal sealed class StoredBytes : IByteState
{
    [Id(0)]
    public byte[] Bytes { get; set; } = [];
}
