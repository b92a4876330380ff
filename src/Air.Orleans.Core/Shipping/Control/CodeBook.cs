using Air.Orleans.Core.Shipping.Code;

namespace Air.Orleans.Core.Shipping.Control;

/// <summary>Which bundles are kept, and for how long: pure decisions. Not thread-safe.</summary>
[GenerateSerializer, Alias("air.core.CodeBook")]
internal sealed class CodeBook
{
    /// <summary>How long a bundle is kept after its last use.</summary>
    public static readonly TimeSpan KeptUnused = TimeSpan.FromDays(7);

    /// <summary>How long an upload may take; what came of it is deleted then.</summary>
    public static readonly TimeSpan UploadPatience = TimeSpan.FromDays(1);

    /// <summary>How much later than its code a run may have begun.</summary>
    private static readonly TimeSpan PackedBefore = TimeSpan.FromHours(1);

    /// <summary>Uses closer together than this are not written down.</summary>
    private static readonly TimeSpan Precision = TimeSpan.FromMinutes(30);

    [Id(0)]
    private readonly Dictionary<string, CodeEntry> _entries = [];

    /// <summary>What may lie in the storage of bundles that are not kept, by their hashes: of uploads, and of deletions that have not ended.</summary>
    [Id(1)]
    private readonly Dictionary<string, LooseParts> _loose = [];

    /// <summary>The bundle of that hash.</summary>
    public CodeEntry? Find(string hash) => _entries.GetValueOrDefault(hash);

    /// <summary>All, those used last first.</summary>
    public IEnumerable<CodeInfo> List() =>
        _entries
            .OrderByDescending(static entry => entry.Value.UsedAt)
            .Select(static entry => entry.Value.Describe(entry.Key));

    /// <summary>The parts of a bundle that no bundle kept has.</summary>
    public string[] MissingOf(CodeManifest manifest)
    {
        var kept = Parts();
        return [.. manifest.Files.SelectMany(static file => file.Parts).Distinct().Where(part => !kept.Contains(part))];
    }

    /// <summary>A bundle is to be sent. Gives the parts that are missing, and remembers them until it is kept.</summary>
    public string[] Begin(string hash, CodeManifest manifest, DateTimeOffset now)
    {
        var missing = MissingOf(manifest);
        var before = _loose.TryGetValue(hash, out var loose) ? loose.Parts : [];
        _loose[hash] = new LooseParts([.. before.Union(missing)], now);
        return missing;
    }

    /// <summary>Keeps a bundle.</summary>
    public void Add(string hash, CodeManifest manifest, DateTimeOffset now)
    {
        _loose.Remove(hash);
        if (!_entries.ContainsKey(hash))
        {
            _entries.Add(hash, new CodeEntry(manifest, now, now, []));
        }
    }

    /// <summary>A bundle is in use. Gives whether that should be written down.</summary>
    public bool Touch(string hash, DateTimeOffset now)
    {
        if (Find(hash) is not { } entry || now - entry.UsedAt < Precision)
        {
            return false;
        }

        _entries[hash] = entry with { UsedAt = now };
        return true;
    }

    /// <summary>Somebody needs a bundle until he lets go of it. False where none is kept.</summary>
    public bool Pin(string hash, string holder, DateTimeOffset now)
    {
        if (Find(hash) is not { } entry)
        {
            return false;
        }

        _entries[hash] = entry with { UsedAt = now, Pins = [.. entry.Pins.Where(pin => pin != holder), holder] };
        return true;
    }

    /// <summary>Nobody of that name needs the bundle any more.</summary>
    public void Unpin(string hash, string holder, DateTimeOffset now)
    {
        if (Find(hash) is { } entry)
        {
            _entries[hash] = entry with { UsedAt = now, Pins = [.. entry.Pins.Where(pin => pin != holder)] };
        }
    }

    /// <summary>Takes a bundle out, and gives the parts that no other has and none that is being sent; <see cref="Drop"/> follows.</summary>
    /// <exception cref="AirException">Somebody needs it.</exception>
    public string[] Remove(string hash)
    {
        if (Find(hash) is not { } entry)
        {
            return [];
        }

        if (entry.Pins.Length > 0)
        {
            throw new AirException(
                $"Code '{entry.Manifest.Name}' ({hash[..12]}) is needed by {string.Join(", ", entry.Pins)}. Delete that first."
            );
        }

        _entries.Remove(hash);
        _loose[hash] = new LooseParts(MissingOf(entry.Manifest), DateTimeOffset.MinValue);
        return Free(hash);
    }

    /// <summary>An upload that was given up, or a deletion that did not end, with the parts that may be deleted; null where there is none.</summary>
    public (string Hash, string[] Parts)? Abandoned(DateTimeOffset now)
    {
        var hash = _loose.FirstOrDefault(loose => now - loose.Value.Since >= UploadPatience).Key;
        return hash is null ? null : (hash, Free(hash));
    }

    /// <summary>The parts of a bundle that is not kept are deleted.</summary>
    public void Drop(string hash) => _loose.Remove(hash);

    /// <summary>
    /// The bundles that may go: nobody holds them, nothing has used them for a while, and no run that has not ended can have come with them.
    /// </summary>
    /// <param name="now">The time.</param>
    /// <param name="unfinishedSince">When the oldest run or deployment began that has not ended; null where there is none.</param>
    public IReadOnlyList<string> Unused(DateTimeOffset now, DateTimeOffset? unfinishedSince) =>
        [
            .. _entries
                .Where(entry =>
                    entry.Value.Pins.Length == 0
                    && now - entry.Value.UsedAt >= KeptUnused
                    && !(unfinishedSince is { } since && entry.Value.UsedAt >= since - PackedBefore)
                )
                .Select(static entry => entry.Key),
        ];

    private string[] Free(string hash)
    {
        var needed = Parts();
        needed.UnionWith(_loose.Where(loose => loose.Key != hash).SelectMany(static loose => loose.Value.Parts));
        return [.. _loose[hash].Parts.Where(part => !needed.Contains(part))];
    }

    private HashSet<string> Parts() =>
        [.. _entries.Values.SelectMany(static entry => entry.Manifest.Files).SelectMany(static file => file.Parts)];
}

/// <summary>A bundle that is kept.</summary>
[GenerateSerializer, Immutable, Alias("air.core.CodeEntry")]
internal sealed record CodeEntry(
    [property: Id(0)] CodeManifest Manifest,
    [property: Id(1)] DateTimeOffset CreatedAt,
    [property: Id(2)] DateTimeOffset UsedAt,
    [property: Id(3)] string[] Pins
)
{
    public CodeInfo Describe(string hash) =>
        new()
        {
            Hash = hash,
            Name = Manifest.Name,
            Files = Manifest.Files.Length,
            Bytes = Manifest.Bytes,
            CreatedAt = CreatedAt,
            UsedAt = UsedAt,
            HeldBy = Pins,
        };
}

/// <summary>Parts that belong to no bundle that is kept, and since when they come.</summary>
[GenerateSerializer, Immutable, Alias("air.core.LooseParts")]
internal sealed record LooseParts([property: Id(0)] string[] Parts, [property: Id(1)] DateTimeOffset Since);
