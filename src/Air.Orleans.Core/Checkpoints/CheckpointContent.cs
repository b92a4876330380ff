namespace Air.Orleans.Core;

/// <summary>
/// The files of a checkpoint in memory: what a training loop hands over and what a predictor is given. Files are named
/// without folders; the runtime adds <see cref="PreprocessorFile"/> and <see cref="ParametersFile"/> itself.
/// </summary>
public sealed class CheckpointContent
{
    /// <summary>The file that holds the fitted preprocessor, as versioned JSON.</summary>
    public const string PreprocessorFile = "preprocessor.json";

    /// <summary>The file that holds the parameters of the run, as JSON.</summary>
    public const string ParametersFile = "parameters.json";

    private readonly Dictionary<string, ReadOnlyMemory<byte>> _files = [];

    /// <summary>The names of the files, in order.</summary>
    public IEnumerable<string> Names => _files.Keys.Order(StringComparer.Ordinal);

    /// <summary>Adds or replaces a file.</summary>
    /// <exception cref="ArgumentException">The name is empty, or is not a plain file name.</exception>
    public CheckpointContent With(string name, ReadOnlyMemory<byte> content)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (Path.GetFileName(name) != name || name is "." or ".." or CheckpointFiles.ManifestName)
        {
            throw new ArgumentException(
                $"'{name}' cannot name a file of a checkpoint: use a plain name.",
                nameof(name)
            );
        }

        _files[name] = content;
        return this;
    }

    /// <summary>Whether there is a file of that name.</summary>
    public bool Contains(string name) => _files.ContainsKey(name);

    /// <summary>The content of a file.</summary>
    /// <exception cref="CheckpointException">There is no file of that name.</exception>
    public ReadOnlyMemory<byte> Read(string name) =>
        _files.TryGetValue(name, out var content)
            ? content
            : throw new CheckpointException(
                $"The checkpoint holds no file '{name}' (files: {string.Join(", ", Names.Select(static file => $"'{file}'"))})."
            );
}
