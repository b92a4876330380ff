using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging;

namespace Air.Orleans.Core.Security;

/// <summary>
/// The keys that HTTP takes: those of the options, and those of a file that is read again when it changes, so that a key is given or withdrawn
/// without a restart. Kept as hashes but for the first, which a client sends. Thread-safe.
/// </summary>
internal sealed partial class ApiKeyRing
{
    public const int ShortestKey = 20;

    private const string Name = "Air:Security:ApiKeys (AIR_API_KEYS or AIR_API_KEYS_FILE)";
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    private readonly IReadOnlyDictionary<string, string> _given;
    private readonly string? _file;
    private readonly TimeProvider _time;
    private readonly Lock _gate = new();
    private Keys _keys;
    private string _text;
    private long _looked;
    private ILogger? _logger;
    private bool _isStale;

    private ApiKeyRing(IReadOnlyDictionary<string, string> given, string? file, TimeProvider time)
    {
        (_given, _file, _time) = (given, file, time);
        _text = file is null ? "" : CertificateFile.ReadText(Name, file);
        _looked = time.GetTimestamp();
        _keys = Read(_text);
    }

    /// <summary>No keys, and none asked for.</summary>
    public static ApiKeyRing Empty { get; } = new(new Dictionary<string, string>(), null, TimeProvider.System);

    /// <summary>Whether keys are configured, so that a request needs one; also while the file has none.</summary>
    public bool IsSet => _file is not null || _given.Count > 0;

    /// <summary>The key that a client sends; null where it has none.</summary>
    public string? First => _keys.First;

    /// <exception cref="SecurityFault">The file cannot be read, or a key is no good.</exception>
    public static ApiKeyRing Load(IReadOnlyDictionary<string, string> given, string? file, TimeProvider time) =>
        given.Count == 0 && file is null ? Empty : new(given, file, time);

    /// <summary>Says there, once for each change, when the file cannot be read and when it can again.</summary>
    public void LogTo(ILogger logger)
    {
        lock (_gate)
        {
            _logger = logger;
        }
    }

    /// <summary>The name of the key, or null where it is none of ours; takes the same time whichever it is.</summary>
    public string? NameOf(string key)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(key));
        string? found = null;
        foreach (var (name, known) in Current().Hashes)
        {
            found = CryptographicOperations.FixedTimeEquals(hash, known) ? name : found;
        }

        return found;
    }

    public override string ToString() => $"{_keys.Hashes.Count} API keys";

    private Keys Current()
    {
        lock (_gate)
        {
            if (_file is not null && _time.GetElapsedTime(_looked) >= LookEvery)
            {
                _looked = _time.GetTimestamp();
                try
                {
                    // Its content, not its time: a mounted secret is a link whose target is swapped.
                    var text = CertificateFile.ReadText(Name, _file);
                    if (text != _text)
                    {
                        _keys = Read(text);
                        _text = text;
                    }

                    Tell(null);
                }
                catch (SecurityFault fault)
                {
                    // Half written, or gone: the keys stay as they were until it can be read.
                    Tell(fault.Message);
                }
            }

            return _keys;
        }
    }

    private void Tell(string? fault)
    {
        if (_isStale == fault is not null)
        {
            return;
        }

        _isStale = fault is not null;
        if (_logger is null)
        {
            return;
        }

        if (fault is not null)
        {
            LogStale(_logger, fault);
        }
        else
        {
            LogRead(_logger);
        }
    }

    private Keys Read(string text)
    {
        var all = new Dictionary<string, string>(_given, StringComparer.Ordinal);
        if (_file is not null)
        {
            foreach (var line in text.Split('\n', StringSplitOptions.TrimEntries))
            {
                if (line.Length == 0 || line[0] == '#')
                {
                    continue;
                }

                var cut = line.IndexOf('=', StringComparison.Ordinal);
                if (cut < 1 || !all.TryAdd(line[..cut].TrimEnd(), line[(cut + 1)..].TrimStart()))
                {
                    throw new SecurityFault(
                        $"{Name}: each line of '{_file}' must be NAME=KEY with a name of its own; 'air secret --key NAME FILE' adds one."
                    );
                }
            }
        }

        if (all.FirstOrDefault(static it => it.Value.Length < ShortestKey) is { Key: { } shortOne })
        {
            throw new SecurityFault(
                $"{Name}: the key '{shortOne}' has fewer than {ShortestKey} characters; 'air secret --key NAME FILE' makes one."
            );
        }

        return new Keys(
            [.. all.Select(static it => (it.Key, SHA256.HashData(Encoding.UTF8.GetBytes(it.Value))))],
            all.Values.FirstOrDefault()
        );
    }

    [LoggerMessage(
        1203,
        LogLevel.Warning,
        "The file of API keys cannot be read, and the keys that were read last are taken until it can: {Fault}"
    )]
    private static partial void LogStale(ILogger logger, string fault);

    [LoggerMessage(1204, LogLevel.Warning, "The file of API keys can be read again; its keys are taken.")]
    private static partial void LogRead(ILogger logger);

    private sealed record Keys(IReadOnlyList<(string Name, byte[] Hash)> Hashes, string? First);
}
