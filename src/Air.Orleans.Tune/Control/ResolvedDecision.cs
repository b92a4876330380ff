namespace Air.Orleans.Tune;

/// <summary>The decision that a waiting trial was given at last.</summary>
/// <param name="TrialIndex">The trial's number, 0-based.</param>
/// <param name="Decision">To continue or to stop.</param>
public sealed record ResolvedDecision(int TrialIndex, Decision Decision);
