using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using Air.Orleans.Torch.Safetensors;

namespace Air.Orleans.Torch;

/// <summary>Reads tensors in the safetensors format.</summary>
/// <remarks>
/// Everything in the header is checked before a tensor is handed out: names, types, shapes, and that the tensors cover
/// the data without overlap or gap. Safe to read from several threads.
/// </remarks>
public sealed class SafetensorsReader
{
    private readonly ReadOnlyMemory<byte> data;
    private readonly SafetensorsHeader header;
    private readonly Dictionary<string, SafetensorsEntry> byName;

    /// <summary>Opens a file that is in memory; the bytes are referred to, not copied.</summary>
    /// <param name="file">The whole file.</param>
    /// <exception cref="FormatException">
    /// The file breaks the format. The message says where, and names the tensor.
    /// </exception>
    public SafetensorsReader(ReadOnlyMemory<byte> file)
    {
        if (file.Length < sizeof(ulong))
            throw new FormatException(
                $"The file has {file.Length} bytes; a safetensors file begins with 8 bytes for its header's length."
            );
        var headerBytes = BinaryPrimitives.ReadUInt64LittleEndian(file.Span);
        var rest = file[sizeof(ulong)..];
        if (headerBytes > SafetensorsWriter.MaxHeaderBytes)
            throw new FormatException(
                $"The safetensors header is said to have {headerBytes} bytes; {SafetensorsWriter.MaxHeaderBytes} are "
                    + "allowed. Is this a safetensors file?"
            );
        if (headerBytes > (ulong)rest.Length)
            throw new FormatException(
                $"The safetensors header is said to have {headerBytes} bytes, but only {rest.Length} follow. The file "
                    + "is damaged or cut short."
            );
        data = rest[(int)headerBytes..];
        header = SafetensorsHeader.Parse(rest[..(int)headerBytes], data.Length);
        byName = header.Entries.ToDictionary(entry => entry.Name, StringComparer.Ordinal);
    }

    /// <summary>The tensors in the order of their bytes.</summary>
    public IReadOnlyList<SafetensorsEntry> Entries => header.Entries;

    /// <summary>The file's map of strings; empty when it has none.</summary>
    public IReadOnlyDictionary<string, string> Metadata => header.Metadata;

    /// <summary>Reads a file from a stream into memory and opens it.</summary>
    /// <param name="source">A stream at the beginning of the file; it is read to its end and left open.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    /// <returns>The opened file; the stream is not needed any more.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="source"/> is null.</exception>
    /// <exception cref="FormatException">The file breaks the format.</exception>
    /// <exception cref="IOException">The rest of the stream is longer than an array, 2 GB.</exception>
    public static async Task<SafetensorsReader> ReadAsync(Stream source, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        // Sized beforehand where that is known: a stream that grows copies large files several times over.
        var size = source.CanSeek ? source.Length - source.Position : 0;
        if (size > Array.MaxLength)
            throw new IOException(
                $"The stream has {size} bytes, but a safetensors file read at once may have {Array.MaxLength}."
            );
        using var memory = new MemoryStream((int)size);
        await source.CopyToAsync(memory, cancellationToken);
        return new SafetensorsReader(memory.GetBuffer().AsMemory(0, (int)memory.Length));
    }

    /// <summary>Finds a tensor's description.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="entry">Its description, or null.</param>
    /// <returns>Whether the file has it.</returns>
    public bool TryGetEntry(string name, [NotNullWhen(true)] out SafetensorsEntry? entry) =>
        byName.TryGetValue(name, out entry);

    /// <summary>Gives a tensor's bytes without copying: row-major, little-endian.</summary>
    /// <param name="name">Its name.</param>
    /// <exception cref="KeyNotFoundException">The file has no tensor of this name.</exception>
    public ReadOnlyMemory<byte> GetBytes(string name)
    {
        var entry = Find(name);
        return data.Slice((int)entry.Offset, (int)entry.ByteCount);
    }

    /// <summary>Gives a copy of a tensor's float32 elements in row-major order.</summary>
    /// <param name="name">Its name.</param>
    /// <exception cref="KeyNotFoundException">The file has no tensor of this name.</exception>
    /// <exception cref="InvalidOperationException">Its elements have another type than F32.</exception>
    public float[] GetFloats(string name)
    {
        var entry = Find(name);
        if (entry.Type != SafetensorsType.F32)
            throw new InvalidOperationException(
                $"Tensor '{name}' has elements of type {entry.Type.FormatName()}, not F32. Use GetBytes."
            );
        var floats = GC.AllocateUninitializedArray<float>((int)(entry.ByteCount / sizeof(float)));
        GetBytes(name).Span.CopyTo(MemoryMarshal.AsBytes(floats.AsSpan()));
        return floats;
    }

    private SafetensorsEntry Find(string name) =>
        byName.TryGetValue(name, out var entry)
            ? entry
            : throw new KeyNotFoundException(
                $"The safetensors file has no tensor '{name}' (tensors: "
                    + $"'{string.Join("', '", byName.Keys.Order(StringComparer.Ordinal))}')."
            );
}
