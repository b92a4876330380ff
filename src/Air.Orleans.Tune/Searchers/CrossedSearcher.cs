using System.Globalization;
using System.Text.Json;

namespace Air.Orleans.Tune;

/// <summary>The searcher of <see cref="RandomSearch"/> and <see cref="GridSearch"/>: some dimensions crossed, the rest drawn.</summary>
internal sealed class CrossedSearcher : ISearcher
{
    private readonly IReadOnlyList<Domain> dimensions;
    private readonly Dictionary<string, IReadOnlyList<JsonElement>> crossed;
    private readonly int gridSize;
    private readonly int trialCount;
    private readonly long seed;

    /// <summary>Makes the searcher of arguments in which <see cref="FindFaults"/> found nothing.</summary>
    public CrossedSearcher(IReadOnlyList<Domain> dimensions, IReadOnlyList<Domain> crossed, int samples, long seed)
    {
        this.dimensions = [.. dimensions];
        this.crossed = crossed.ToDictionary(domain => domain.Name, ValuesOf, StringComparer.Ordinal);
        gridSize = this.crossed.Values.Aggregate(1, (size, values) => size * values.Count);
        trialCount = gridSize * samples;
        this.seed = seed;
    }

    public int? TrialCount => trialCount;

    public static IEnumerable<string> FindFaults(IEnumerable<Domain> crossed, int samples)
    {
        if (samples < 1)
        {
            yield return $"Samples is {samples}, but a search goes through its grid at least once. Set it to 1 or more.";
            yield break;
        }

        decimal count = samples;
        foreach (var domain in crossed)
        {
            // decimal holds 7.9e28: cut off where it is too many already, before the product can overflow.
            count = Math.Min(count * ValuesOf(domain).Count, int.MaxValue + 1m);
        }

        if (count > int.MaxValue)
        {
            yield return $"The grid times {samples} samples makes more than {int.MaxValue} trials, which is the most a "
                + "search may have. Give fewer values, or draw some dimensions with Choice.";
        }
    }

    public Configuration? Suggest(int trialIndex)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(trialIndex);
        if (trialIndex >= trialCount)
        {
            return null;
        }

        var cell = trialIndex % gridSize;
        var values = new List<KeyValuePair<string, JsonElement>>(dimensions.Count);
        foreach (var domain in dimensions)
        {
            values.Add(KeyValuePair.Create(domain.Name, ValueOf(domain, trialIndex, ref cell)));
        }

        return new Configuration(values);
    }

    public void Observe(Observation observation) => ArgumentNullException.ThrowIfNull(observation);

    // Suggestions follow from the trial's number alone; the seed is kept so that a wrong state is noticed.
    public string SaveState() => JsonSerializer.Serialize(new State(seed), TuneJson.Options);

    public void LoadState(string state)
    {
        var loaded = SavedState.Read<State>(state, "searcher");
        if (loaded.Seed != seed)
        {
            throw new ArgumentException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"The saved searcher state has seed {loaded.Seed}, but this search has seed {seed}. Resume with the same TuneConfig."
                ),
                nameof(state)
            );
        }
    }

    private static IReadOnlyList<JsonElement> ValuesOf(Domain domain) =>
        domain switch
        {
            GridDomain grid => grid.Values,
            ChoiceDomain choice => choice.Values,
            _ => throw new ArgumentException($"{domain.Verb} of '{domain.Name}' has no list of values to cross."),
        };

    // The first crossed dimension is the odometer's fastest wheel.
    private JsonElement ValueOf(Domain domain, int trialIndex, ref int cell)
    {
        if (crossed.TryGetValue(domain.Name, out var values))
        {
            (cell, var wheel) = Math.DivRem(cell, values.Count);
            return values[wheel];
        }

        var random = new SplitMix64(seed, trialIndex, domain.Name);
        return domain.Sample(ref random);
    }

    private sealed record State(long Seed);
}
