namespace Air.Orleans.Tune;

/// <summary>
/// Suggests what the trials of one search try. A pure state machine: no clock, no input beside its arguments. Not
/// thread-safe.
/// </summary>
public interface ISearcher
{
    /// <summary>Gives how many trials there will be, or <see langword="null"/> where that is not known beforehand.</summary>
    int? TrialCount { get; }

    /// <summary>Gives the configuration of one trial, or <see langword="null"/> when the search has no such trial.</summary>
    /// <param name="trialIndex">The trial's number, 0-based; each is asked for in turn.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="trialIndex"/> is negative.</exception>
    Configuration? Suggest(int trialIndex);

    /// <summary>Tells what a trial reported, or that it ended; a searcher that learns uses it in later suggestions.</summary>
    /// <param name="observation">What was seen.</param>
    void Observe(Observation observation);

    /// <summary>Gives all that the searcher has learnt, as JSON.</summary>
    string SaveState();

    /// <summary>Takes up what <see cref="SaveState"/> of a searcher with the same dimensions and seed gave.</summary>
    /// <param name="state">The JSON text.</param>
    /// <exception cref="ArgumentException">The state is not of such a searcher.</exception>
    void LoadState(string state);
}
