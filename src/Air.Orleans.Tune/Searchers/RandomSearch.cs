namespace Air.Orleans.Tune;

/// <summary>
/// Crosses the grid dimensions and draws all others anew for each trial. There are samples × (product of the grid sizes)
/// trials, as in Ray: the grid's first dimension varies fastest, and the whole grid comes once before it is repeated.
/// Trial i depends on (seed, i) alone, and each draw also on its property's name, so neither order nor timing nor
/// another dimension changes it. It does not learn from reports.
/// </summary>
public sealed record RandomSearch : ISearchAlgorithm
{
    /// <inheritdoc/>
    /// <exception cref="ArgumentException"><see cref="FindFaults"/> has something to say.</exception>
    public ISearcher Create(IReadOnlyList<Domain> dimensions, int samples, Mode mode, long seed)
    {
        ArgumentNullException.ThrowIfNull(dimensions);
        FaultList.ThrowIfAny(nameof(RandomSearch), FindFaults(dimensions, samples));
        return new CrossedSearcher(dimensions, [.. dimensions.OfType<GridDomain>()], samples, seed);
    }

    /// <inheritdoc/>
    public IEnumerable<string> FindFaults(IReadOnlyList<Domain> dimensions, int samples)
    {
        ArgumentNullException.ThrowIfNull(dimensions);
        return CrossedSearcher.FindFaults(dimensions.OfType<GridDomain>(), samples);
    }
}
