namespace Air.Orleans.Tune;

/// <summary>
/// Tries every combination: crosses the Grid and Choice dimensions and accepts no others. There are samples × (product of
/// the sizes) trials; the first dimension varies fastest, and the whole grid comes once before it is repeated. Nothing
/// is random. It does not learn from reports.
/// </summary>
public sealed record GridSearch : ISearchAlgorithm
{
    /// <inheritdoc/>
    /// <exception cref="ArgumentException"><see cref="FindFaults"/> has something to say.</exception>
    public ISearcher Create(IReadOnlyList<Domain> dimensions, int samples, Mode mode, long seed)
    {
        ArgumentNullException.ThrowIfNull(dimensions);
        FaultList.ThrowIfAny(nameof(GridSearch), FindFaults(dimensions, samples));
        return new CrossedSearcher(dimensions, [.. dimensions], samples, seed);
    }

    /// <inheritdoc/>
    public IEnumerable<string> FindFaults(IReadOnlyList<Domain> dimensions, int samples)
    {
        ArgumentNullException.ThrowIfNull(dimensions);
        var endless = dimensions
            .Where(domain => domain is not (GridDomain or ChoiceDomain))
            .Select(domain =>
                $"GridSearch found {domain.Verb} of '{domain.Name}', but crosses Grid and Choice dimensions only. List the "
                + $"values to try with Grid(p => p.{domain.Name}, ...), or use RandomSearch."
            );
        var crossed = dimensions.Where(domain => domain is GridDomain or ChoiceDomain);
        return endless.Concat(CrossedSearcher.FindFaults(crossed, samples));
    }
}
