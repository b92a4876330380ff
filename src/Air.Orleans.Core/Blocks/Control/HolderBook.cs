namespace Air.Orleans.Core.Blocks.Control;

/// <summary>
/// Who holds blocks of a store: silos, for as long as they are members of the cluster, and clients, for as long as they say every few seconds
/// that they live. Not thread-safe.
/// </summary>
internal sealed class HolderBook(TimeProvider time)
{
    /// <summary>The store's own silo.</summary>
    public const int Self = 1;

    /// <summary>How long a holder may be silent.</summary>
    public static readonly TimeSpan Silence = TimeSpan.FromSeconds(10);

    private readonly Dictionary<string, Holder> _byName = [];
    private int _latest = Self;

    /// <summary>The number of a holder, boxed once however many blocks it holds.</summary>
    public static object SelfBoxed { get; } = Self;

    /// <summary>The number of the holder, who has just been heard of; the same object each time.</summary>
    public object Hear(string name)
    {
        if (!_byName.TryGetValue(name, out var holder))
        {
            holder = new Holder(++_latest);
            _byName.Add(name, holder);
        }

        holder.HeardAt = time.GetTimestamp();
        return holder.Number;
    }

    /// <summary>The number of a holder that is known.</summary>
    public object? Find(string name) => _byName.GetValueOrDefault(name)?.Number;

    /// <summary>All who are known, by number.</summary>
    public IReadOnlyDictionary<int, string> Names() =>
        _byName.ToDictionary(static pair => (int)pair.Value.Number, static pair => pair.Key);

    /// <summary>Forgets those who ended, and gives their numbers.</summary>
    /// <param name="isAlive">Whether a silo is a member; null of one that is no silo, and must be heard of.</param>
    public IReadOnlyList<int> Expire(Func<string, bool?> isAlive)
    {
        var gone = _byName
            .Where(pair => !(isAlive(pair.Key) ?? time.GetElapsedTime(pair.Value.HeardAt) <= Silence))
            .ToList();
        foreach (var (name, _) in gone)
        {
            _byName.Remove(name);
        }

        return [.. gone.Select(static pair => (int)pair.Value.Number)];
    }

    private sealed class Holder(int number)
    {
        public object Number { get; } = number;

        public long HeardAt { get; set; }
    }
}
