using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Encodings.Web;
using System.Text.Json;
using Air.Orleans.Torch.Safetensors;

namespace Air.Orleans.Torch;

/// <summary>Writes tensors in the safetensors format.</summary>
/// <remarks>
/// <para>
/// The format (github.com/huggingface/safetensors): the header's length as 8 bytes, little-endian; the header, JSON
/// with each tensor's type, shape and place and a map of strings called <c>__metadata__</c>; then the bytes.
/// </para>
/// <para>
/// The same tensors and metadata give the same bytes, in whatever order they were added: metadata is ordered by key,
/// tensors by element size, the largest first, and then by name, both ordinal. The header is padded with spaces, so
/// that every tensor is aligned to its element size, counted from the beginning of the file. The writer keeps
/// references to the data, and reads them when it writes. Not thread-safe.
/// </para>
/// </remarks>
public sealed class SafetensorsWriter
{
    /// <summary>The header's name for the map of strings; no tensor can have it.</summary>
    internal const string MetadataKey = "__metadata__";

    /// <summary>The longest header that readers take, in bytes; the limit of the format's own library.</summary>
    internal const int MaxHeaderBytes = 100_000_000;

    private const int Alignment = 8;
    private const int StreamBufferBytes = 1 << 20;

    private readonly Dictionary<string, Source> sources = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, string> metadata = new(StringComparer.Ordinal);

    /// <summary>Adds a pair to the file's map of strings, or replaces it.</summary>
    /// <param name="key">Its key.</param>
    /// <param name="value">Its value.</param>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    public void SetMetadata(string key, string value)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(value);
        metadata[key] = value;
    }

    /// <summary>Adds a tensor of float32 numbers.</summary>
    /// <param name="name">Its name, not used before.</param>
    /// <param name="shape">Its shape; the elements lie in row-major order. Empty for a scalar.</param>
    /// <param name="data">Its elements.</param>
    /// <exception cref="ArgumentException">
    /// The name was used before or is reserved, or the data have another count than the shape.
    /// </exception>
    public void Add(string name, ReadOnlySpan<long> shape, float[] data)
    {
        ArgumentNullException.ThrowIfNull(data);
        Add(name, SafetensorsType.F32, shape, (long)data.Length * sizeof(float), () => MemoryMarshal.AsBytes(data));
    }

    /// <summary>Adds a tensor of any type as its bytes.</summary>
    /// <param name="name">Its name, not used before.</param>
    /// <param name="type">The type of its elements.</param>
    /// <param name="shape">Its shape. Empty for a scalar.</param>
    /// <param name="data">Its elements in row-major order, little-endian.</param>
    /// <exception cref="ArgumentException">
    /// The name was used before or is reserved, or the data have another length than type and shape ask for.
    /// </exception>
    public void Add(string name, SafetensorsType type, ReadOnlySpan<long> shape, ReadOnlyMemory<byte> data) =>
        Add(name, type, shape, data.Length, () => data.Span);

    /// <summary>Gives the file's bytes.</summary>
    /// <exception cref="InvalidOperationException">The file is longer than an array, 2 GB; use a stream.</exception>
    public byte[] ToArray()
    {
        var tensors = Ordered();
        var header = Header(tensors);
        var total = header.Length + tensors.Sum(tensor => tensor.ByteCount);
        if (total > Array.MaxLength)
            throw new InvalidOperationException(
                $"The file has {total} bytes, but an array holds at most {Array.MaxLength}. Use WriteAsync."
            );
        var file = GC.AllocateUninitializedArray<byte>((int)total);
        header.CopyTo(file, 0);
        var position = header.Length;
        foreach (var tensor in tensors)
        {
            tensor.Bytes().CopyTo(file.AsSpan(position));
            position += (int)tensor.ByteCount;
        }

        return file;
    }

    /// <summary>Writes the file to a stream. The data must not change meanwhile.</summary>
    /// <param name="destination">A stream that can be written; it is left open, at the end of the file.</param>
    /// <param name="cancellationToken">Stops the writing; what was written so far is then no whole file.</param>
    /// <exception cref="ArgumentNullException"><paramref name="destination"/> is null.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public async Task WriteAsync(Stream destination, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(destination);
        var tensors = Ordered();
        await destination.WriteAsync(Header(tensors), cancellationToken);
        var buffer = ArrayPool<byte>.Shared.Rent(StreamBufferBytes);
        try
        {
            foreach (var tensor in tensors)
            {
                for (var start = 0L; start < tensor.ByteCount; start += buffer.Length)
                {
                    var count = (int)Math.Min(buffer.Length, tensor.ByteCount - start);
                    tensor.Bytes().Slice((int)start, count).CopyTo(buffer);
                    await destination.WriteAsync(buffer.AsMemory(0, count), cancellationToken);
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Adds a tensor whose bytes are asked for when the file is written.</summary>
    internal void Add(
        string name,
        SafetensorsType type,
        ReadOnlySpan<long> shape,
        long byteCount,
        Func<ReadOnlySpan<byte>> bytes
    )
    {
        ArgumentNullException.ThrowIfNull(name);
        if (name == MetadataKey)
            throw new ArgumentException($"'{MetadataKey}' is reserved. Give the tensor another name.", nameof(name));
        var expected = SafetensorsShape.ByteCount(type, shape);
        if (expected != byteCount)
            throw new ArgumentException(
                $"Tensor '{name}' of type {type.FormatName()} and shape {SafetensorsShape.Text(shape)} has "
                    + $"{expected?.ToString() ?? "no valid number of"} bytes, but {byteCount} were given.",
                nameof(shape)
            );
        if (!sources.TryAdd(name, new Source(name, type, shape.ToArray(), byteCount, bytes)))
            throw new ArgumentException($"Tensor '{name}' was added before; names must differ.", nameof(name));
    }

    private Source[] Ordered() =>
        [
            .. sources
                .Values.OrderByDescending(source => source.Type.ElementBytes())
                .ThenBy(source => source.Name, StringComparer.Ordinal),
        ];

    private byte[] Header(Source[] tensors)
    {
        var json = Json(tensors);
        var padded = (json.WrittenCount + Alignment - 1) / Alignment * Alignment;
        if (padded > MaxHeaderBytes)
            throw new InvalidOperationException(
                $"The header has {padded} bytes; the format allows {MaxHeaderBytes}. Shorten names and metadata."
            );
        var header = new byte[sizeof(ulong) + padded];
        BinaryPrimitives.WriteUInt64LittleEndian(header, (ulong)padded);
        var text = header.AsSpan(sizeof(ulong));
        json.WrittenSpan.CopyTo(text);
        text[json.WrittenCount..].Fill((byte)' ');
        return header;
    }

    private ArrayBufferWriter<byte> Json(Source[] tensors)
    {
        var output = new ArrayBufferWriter<byte>();
        var options = new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
        using var json = new Utf8JsonWriter(output, options);
        json.WriteStartObject();
        if (metadata.Count > 0)
        {
            json.WriteStartObject(MetadataKey);
            foreach (var (key, value) in metadata)
                json.WriteString(key, value);
            json.WriteEndObject();
        }

        var offset = 0L;
        foreach (var tensor in tensors)
        {
            json.WriteStartObject(tensor.Name);
            json.WriteString("dtype", tensor.Type.FormatName());
            WriteNumbers(json, "shape", tensor.Shape);
            WriteNumbers(json, "data_offsets", [offset, offset + tensor.ByteCount]);
            json.WriteEndObject();
            offset += tensor.ByteCount;
        }

        json.WriteEndObject();
        json.Flush();
        return output;
    }

    private static void WriteNumbers(Utf8JsonWriter json, string name, long[] numbers)
    {
        json.WriteStartArray(name);
        foreach (var number in numbers)
            json.WriteNumberValue(number);
        json.WriteEndArray();
    }

    private sealed record Source(
        string Name,
        SafetensorsType Type,
        long[] Shape,
        long ByteCount,
        Func<ReadOnlySpan<byte>> Bytes
    );
}
