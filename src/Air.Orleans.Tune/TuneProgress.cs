namespace Air.Orleans.Tune;

/// <summary>Where a search stands. Immutable and thread-safe.</summary>
/// <param name="Trials">All trials that were started so far, by index.</param>
/// <param name="TrialCount">How many there will be; <see langword="null"/> where the searcher does not know.</param>
public sealed record TuneProgress(IReadOnlyList<TrialSnapshot> Trials, int? TrialCount);
