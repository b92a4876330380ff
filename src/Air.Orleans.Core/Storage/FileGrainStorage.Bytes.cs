namespace Air.Orleans.Core.Storage;

/// <content>Bytes as they are, in the files of states.</content>
internal sealed partial class FileGrainStorage
{
    public Task WriteBytesAsync(string stateName, GrainId grainId, ReadOnlyMemory<byte> content)
    {
        var path = PathOf(stateName, grainId);
        return LockedAsync(path, () => WriteAtomically(path, Guid.NewGuid(), content.Span));
    }

    public Task<long?> ReadBytesAsync(string stateName, GrainId grainId, Memory<byte> destination)
    {
        var path = PathOf(stateName, grainId);
        if (!File.Exists(path))
        {
            return Task.FromResult<long?>(null);
        }

        // The caller's hashes say more than the file's own, which is not computed here.
        using var file = File.OpenHandle(path);
        var length = RandomAccess.GetLength(file) - HeaderBytes;
        if (length < 0)
        {
            throw Damaged(path, length + HeaderBytes);
        }

        var wanted = destination.Span[..(int)Math.Min(length, destination.Length)];
        var offset = (long)HeaderBytes;
        while (wanted.Length > 0)
        {
            var read = RandomAccess.Read(file, wanted, offset);
            if (read == 0)
            {
                throw Damaged(path, length + HeaderBytes);
            }

            offset += read;
            wanted = wanted[read..];
        }

        return Task.FromResult<long?>(length);
    }

    public Task DeleteBytesAsync(string stateName, GrainId grainId)
    {
        var path = PathOf(stateName, grainId);
        return Directory.Exists(Path.GetDirectoryName(path))
            ? LockedAsync(
                path,
                () =>
                {
                    Delete(path);
                    // What a writer that was killed has left goes too.
                    File.Delete(path + DraftEnding);
                }
            )
            : Task.CompletedTask;
    }

    private byte[] PayloadOf<T>(T state) =>
        state is IByteState bytes ? bytes.Bytes : serializer.SerializeToArray(state);

    private T? StateOf<T>(string path, byte[] content)
    {
        if (!typeof(IByteState).IsAssignableFrom(typeof(T)))
        {
            return Deserialize<T>(path, content.AsMemory(HeaderBytes));
        }

        var state = Activator.CreateInstance<T>();
        ((IByteState)state!).Bytes = content[HeaderBytes..];
        return state;
    }
}
