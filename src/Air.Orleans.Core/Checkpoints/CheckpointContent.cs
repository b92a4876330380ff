using System.Runtime.InteropServices;
using Air.Orleans.Core.Checkpoints;

namespace Air.Orleans.Core;

/// <summary>
/// The files of a checkpoint: what a training loop hands over and what a predictor is given. Files are named without folders; the
/// runtime adds <see cref="PreprocessorFile"/> and <see cref="ParametersFile"/> itself. Not thread-safe while files are added.
/// </summary>
public sealed class CheckpointContent
{
    /// <summary>The file that holds the fitted preprocessor, as versioned JSON.</summary>
    public const string PreprocessorFile = "preprocessor.json";

    /// <summary>The file that holds the parameters of the run, as JSON.</summary>
    public const string ParametersFile = "parameters.json";

    private readonly Dictionary<string, Entry> _files = [];

    /// <summary>The names of the files, in order.</summary>
    public IEnumerable<string> Names => _files.Keys.Order(StringComparer.Ordinal);

    /// <summary>Adds or replaces a file whose bytes are in memory. They are not copied: leave them alone until the commit is over.</summary>
    /// <exception cref="ArgumentException">The name is empty, or is not a plain file name.</exception>
    public CheckpointContent With(string name, ReadOnlyMemory<byte> content) =>
        With(name, new Entry(content.Length, content, null));

    /// <summary>Adds or replaces a file whose bytes come from a stream, shard by shard: for files too large for memory.</summary>
    /// <param name="name">The file's name.</param>
    /// <param name="length">How many bytes the stream gives.</param>
    /// <param name="open">Opens the stream at its beginning; called once for each time that the file is read.</param>
    /// <exception cref="ArgumentException">The name is empty, or is not a plain file name.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The length is negative.</exception>
    public CheckpointContent With(string name, long length, Func<Stream> open)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentNullException.ThrowIfNull(open);
        return With(name, new Entry(length, default, open));
    }

    /// <summary>Whether there is a file of that name.</summary>
    public bool Contains(string name) => _files.ContainsKey(name);

    /// <summary>The length of a file in bytes.</summary>
    /// <exception cref="CheckpointException">There is no file of that name.</exception>
    public long Length(string name) => Find(name).Length;

    /// <summary>The content of a file, in memory.</summary>
    /// <exception cref="CheckpointException">There is no file of that name, or it has 2 GB or more: <see cref="Open"/> it.</exception>
    public ReadOnlyMemory<byte> Read(string name)
    {
        var file = Find(name);
        if (file.Open is null)
        {
            return file.Content;
        }

        if (file.Length > Array.MaxLength)
        {
            throw new CheckpointException(
                $"File '{name}' has {file.Length} bytes, more than an array can hold. Read it as a stream, by Open."
            );
        }

        var content = GC.AllocateUninitializedArray<byte>((int)file.Length);
        using var stream = file.Open();
        stream.ReadExactly(content);
        return content;
    }

    /// <summary>The content of a file as a stream. The caller disposes it.</summary>
    /// <exception cref="CheckpointException">There is no file of that name.</exception>
    public Stream Open(string name)
    {
        var file = Find(name);
        return file.Open is { } open ? open()
            : MemoryMarshal.TryGetArray(file.Content, out var part)
                ? new MemoryStream(part.Array!, part.Offset, part.Count, writable: false)
            : new MemoryStream(file.Content.ToArray(), writable: false);
    }

    internal bool IsInMemory(string name) => Find(name).Open is null;

    private CheckpointContent With(string name, Entry entry)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (
            Path.GetFileName(name) != name
            || name is "." or ".." or CheckpointFolder.ManifestName
            || name.Contains('|')
        )
        {
            throw new ArgumentException(
                $"'{name}' cannot name a file of a checkpoint: use a plain name.",
                nameof(name)
            );
        }

        _files[name] = entry;
        return this;
    }

    private Entry Find(string name) =>
        _files.TryGetValue(name, out var file)
            ? file
            : throw new CheckpointException(
                $"The checkpoint holds no file '{name}' (files: {string.Join(", ", Names.Select(static file => $"'{file}'"))})."
            );

    private sealed record Entry(long Length, ReadOnlyMemory<byte> Content, Func<Stream>? Open);
}
