namespace Air.Orleans.Core.DataPlane;

/// <summary>What the two ends of the data plane put up with. The defaults are for real networks; tests shorten them.</summary>
internal sealed record DataLimits
{
    /// <summary>The longest range that a silo sends in one answer.</summary>
    public const int MostRangeBytes = 16 << 20;

    /// <summary>The longest key, in bytes of UTF-8.</summary>
    public const int MostKeyBytes = 4096;

    /// <summary>The longest text of an error.</summary>
    public const int MostTextBytes = 4096;

    /// <summary>The longest piece of content whose length is not known when it begins.</summary>
    public const int MostPieceBytes = 1 << 20;

    /// <summary>The longest content: memory is addressed by int. What a source takes in is its own matter.</summary>
    public const int MostContentBytes = int.MaxValue;

    /// <summary>How much of a content is asked for at once, and is fetched again when its hash is wrong or its connection breaks.</summary>
    public int RangeBytes { get; init; } = 4 << 20;

    /// <summary>Over how many connections the ranges of one fetch come.</summary>
    public int Parallel { get; init; } = 4;

    /// <summary>How long connecting may take.</summary>
    public TimeSpan Connect { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long an accepted connection may take to prove itself.</summary>
    public TimeSpan Handshake { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a client waits for the next byte before it takes the connection for broken.</summary>
    public TimeSpan Stall { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How long a client that puts waits for the silo to take the next bytes, or to answer: a silo that is full reads nothing while others' blocks
    /// go to disk or leases end, and then says why there is no room.
    /// </summary>
    public TimeSpan PutStall { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How long a silo waits for a reader to take the next 256 KB, or for a writer to send the next bytes, before it closes.</summary>
    public TimeSpan SlowPeer { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a fetch goes on trying when no byte comes any more.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How often in a row a fetch tries without that one range gets done.</summary>
    public int Attempts { get; init; } = 40;

    /// <summary>How often a range is fetched whose hash is wrong.</summary>
    public int HashAttempts { get; init; } = 3;

    /// <summary>How long a client keeps a connection that it does not need.</summary>
    public TimeSpan ClientIdle { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a silo keeps a connection on which nothing is asked: longer than a client does, so that the client closes it.</summary>
    public TimeSpan ServerIdle { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>How many connections a silo keeps; more are closed at once.</summary>
    public int MostConnections { get; init; } = 1024;

    /// <summary>How many of them may be proving themselves at the same time.</summary>
    public int MostHandshakes { get; init; } = 128;

    /// <summary>How many connections to one silo a client keeps for later.</summary>
    public int MostIdle { get; init; } = 8;

    /// <summary>How long what is being sent may go on when the silo stops.</summary>
    public TimeSpan StopPatience { get; init; } = TimeSpan.FromSeconds(2);
}
