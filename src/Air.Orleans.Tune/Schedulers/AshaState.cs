namespace Air.Orleans.Tune;

/// <summary>The saved form of an <see cref="AshaScheduler"/>.</summary>
internal sealed record AshaState
{
    public required Asha Settings { get; init; }
    public required Mode Mode { get; init; }
    public required long Seed { get; init; }
    public required SortedDictionary<int, int> NextRungs { get; init; }
    public required SortedDictionary<int, Decision> Stops { get; init; }
    public required SortedSet<int> Ended { get; init; }
    public required IReadOnlyList<IReadOnlyList<Rung>> Brackets { get; init; }

    public sealed record Rung(int Frontier, IReadOnlyList<int> Trials, IReadOnlyList<double> Values);
}
