namespace Air.Orleans.Core.Security;

/// <summary>What one who tries to connect to a silo or gateway meets with.</summary>
/// <param name="Outcome">In one word.</param>
/// <param name="Text">In one sentence, which names the endpoint and, where it is refused, the cause and what to set.</param>
internal sealed record PeerAnswer(PeerOutcome Outcome, string Text);

/// <summary>What one who tries to connect meets with.</summary>
internal enum PeerOutcome
{
    /// <summary>Nobody listens there, or nobody answers in time.</summary>
    Unreachable,

    /// <summary>One end does not believe the other, and will not by waiting.</summary>
    Refused,

    /// <summary>Both ends believe each other.</summary>
    Accepted,
}
