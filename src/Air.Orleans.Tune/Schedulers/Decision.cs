namespace Air.Orleans.Tune;

/// <summary>What was decided about a trial after a report. Immutable; lists compare by reference.</summary>
public sealed record Decision
{
    /// <summary>Gives the decision that lets a trial go on.</summary>
    public static Decision Continue { get; } = new();

    /// <summary>Gives what the trial shall do.</summary>
    /// <value><see cref="DecisionKind.Continue"/>.</value>
    public DecisionKind Kind { get; init; }

    /// <summary>Gives why a trial is stopped, in words.</summary>
    /// <value>Empty, except on <see cref="DecisionKind.Stop"/>.</value>
    public string Reason { get; init; } = "";

    /// <summary>Gives whether a stop comes because the trial had its whole budget; it then counts as completed.</summary>
    /// <value><see langword="false"/>.</value>
    public bool IsBudgetSpent { get; init; }

    /// <summary>Gives the trials that a <see cref="DecisionKind.Wait"/> waits for, by rising number.</summary>
    /// <value>Empty, except on <see cref="DecisionKind.Wait"/>.</value>
    public IReadOnlyList<int> WaitsFor { get; init; } = [];

    /// <summary>Gives the decision that ends a trial.</summary>
    /// <param name="reason">Why, in words for the user.</param>
    /// <param name="isBudgetSpent">Whether the trial had all it was to have, so that it is no early stop.</param>
    /// <exception cref="ArgumentException"><paramref name="reason"/> is blank.</exception>
    public static Decision Stop(string reason, bool isBudgetSpent = false)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(reason);
        return new()
        {
            Kind = DecisionKind.Stop,
            Reason = reason,
            IsBudgetSpent = isBudgetSpent,
        };
    }

    /// <summary>Gives the decision that makes a trial wait until others have come as far as it has, or have ended.</summary>
    /// <param name="trialIndices">The trials to wait for, at least one.</param>
    /// <exception cref="ArgumentException"><paramref name="trialIndices"/> is empty.</exception>
    public static Decision Wait(IReadOnlyList<int> trialIndices)
    {
        ArgumentNullException.ThrowIfNull(trialIndices);
        if (trialIndices.Count == 0)
        {
            throw new ArgumentException(
                "A wait names no trials, so it would never end. Give the trials to wait for.",
                nameof(trialIndices)
            );
        }

        return new() { Kind = DecisionKind.Wait, WaitsFor = [.. trialIndices] };
    }
}
