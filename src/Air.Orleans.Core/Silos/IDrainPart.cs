namespace Air.Orleans.Core.Silos;

/// <summary>Something of a silo that gives up what it holds before the silo stops. Registered as a service, found by <see cref="SiloDrain"/>.</summary>
internal interface IDrainPart
{
    /// <summary>When it is asked.</summary>
    DrainPhase Phase { get; }

    /// <summary>What it gives up, for the log, such as "training workers".</summary>
    string Name { get; }

    /// <summary>What it still holds, for the log; empty where nothing.</summary>
    IReadOnlyList<string> Held { get; }

    /// <summary>Gives up what it holds, and ends when that is done.</summary>
    /// <param name="limit">Is cancelled when the silo stops all the same.</param>
    Task DrainAsync(CancellationToken limit);
}
