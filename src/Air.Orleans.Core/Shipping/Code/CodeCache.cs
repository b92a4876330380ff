using Air.Orleans.Core.Resilience;
using Air.Orleans.Core.Shipping.Diagnostics;
using Microsoft.Extensions.Logging;

namespace Air.Orleans.Core.Shipping.Code;

/// <summary>
/// The bundles that a silo has loaded: each once, however many use it, by its hash. A bundle that nobody has used for a while is unloaded, and
/// loaded anew when it is asked for again. Blocks while it loads, so it is called from threads that may. Thread-safe.
/// </summary>
internal sealed partial class CodeCache : IDisposable
{
    /// <summary>How long a bundle stays loaded after its last use, so that block after block does not load it again.</summary>
    public static readonly TimeSpan Idle = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan TouchInterval = TimeSpan.FromHours(1);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Entry> _entries = [];
    private readonly ICodeLoader _loader;
    private readonly TimeProvider _time;
    private readonly ILogger<CodeCache> _logger;
    private readonly ITimer _sweeper;

    public CodeCache(ICodeLoader loader, TimeProvider time, ILogger<CodeCache> logger)
    {
        (_loader, _time, _logger) = (loader, time, logger);
        _sweeper = time.CreateTimer(_ => Sweep(), null, Idle / 3, Idle / 3);
    }

    /// <summary>How many bundles are loaded.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _entries.Count;
            }
        }
    }

    /// <summary>The code of a bundle, kept until the lease is disposed.</summary>
    /// <exception cref="AirException">It is refused, is not kept any more, or cannot be loaded.</exception>
    public CodeLease Rent(string hash, string description)
    {
        Entry entry;
        lock (_gate)
        {
            if (!_entries.TryGetValue(hash, out entry!))
            {
                entry = new Entry(new Lazy<CodeContext>(() => Load(hash, description)));
                _entries.Add(hash, entry);
            }

            entry.Users++;
        }

        try
        {
            return new CodeLease(entry.Context.Value, () => Return(entry));
        }
        catch
        {
            lock (_gate)
            {
                // The next one tries again.
                if (_entries.GetValueOrDefault(hash) == entry)
                {
                    _entries.Remove(hash);
                }
            }

            throw;
        }
    }

    public void Dispose() => _sweeper.Dispose();

    private CodeContext Load(string hash, string description)
    {
        var context = _loader.Load(hash, description);
        CodeMeter.Loaded.Add(1);
        return context;
    }

    private void Return(Entry entry)
    {
        lock (_gate)
        {
            entry.Users--;
            entry.UsedAt = _time.GetUtcNow();
        }
    }

    /// <summary>Unloads what nobody uses, and tells the book of what is in use, so that it is kept.</summary>
    internal void Sweep()
    {
        var now = _time.GetUtcNow();
        List<string> unloaded = [];
        List<string> used = [];
        lock (_gate)
        {
            foreach (var (hash, entry) in _entries)
            {
                if (entry.Users == 0 && now - entry.UsedAt >= Idle)
                {
                    _entries.Remove(hash);
                    entry.Context.Value.Unload();
                    CodeMeter.Loaded.Add(-1);
                    unloaded.Add(hash);
                }
                else if (now - entry.TouchedAt >= TouchInterval)
                {
                    entry.TouchedAt = now;
                    used.Add(hash);
                }
            }
        }

        unloaded.ForEach(LogUnloaded);
        if (used.Count > 0)
        {
            _ = Background.Start(() => TouchAsync([.. used]));
        }
    }

    private async Task TouchAsync(string[] hashes)
    {
        try
        {
            await _loader.TouchAsync(hashes);
        }
        catch (Exception error)
        {
            LogNotTouched(error);
        }
    }

    private sealed class Entry(Lazy<CodeContext> context)
    {
        public Lazy<CodeContext> Context => context;

        public int Users { get; set; }

        public DateTimeOffset UsedAt { get; set; }

        public DateTimeOffset TouchedAt { get; set; }
    }

    [LoggerMessage(1041, LogLevel.Information, "Code {Hash} has not been used for a while and is unloaded.")]
    private partial void LogUnloaded(string hash);

    [LoggerMessage(1042, LogLevel.Debug, "The book of code did not answer; it hears of the used code in an hour.")]
    private partial void LogNotTouched(Exception error);
}

/// <summary>The use of a bundle's code. Disposing it again does nothing.</summary>
internal sealed class CodeLease(CodeContext context, Action release) : IDisposable
{
    private Action? _release = release;

    public CodeContext Context => context;

    public void Dispose() => Interlocked.Exchange(ref _release, null)?.Invoke();
}
