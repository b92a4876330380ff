namespace Air.Orleans.Core;

/// <summary>One silo of a cluster, as it tells of itself.</summary>
[GenerateSerializer, Immutable, Alias("air.core.SiloDescription")]
public sealed record SiloDescription
{
    /// <summary>Its address, "host:port@generation"; a silo that starts again has another generation.</summary>
    [Id(0)]
    public required string Address { get; init; }

    /// <summary>The name of its machine.</summary>
    [Id(1)]
    public required string Host { get; init; }

    /// <summary>The id of its process on that machine.</summary>
    [Id(2)]
    public required int ProcessId { get; init; }

    /// <summary>The port for clients; 0 where it takes none.</summary>
    [Id(3)]
    public required int GatewayPort { get; init; }

    /// <summary>When its process started, in UTC.</summary>
    [Id(4)]
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>The version of Air.Orleans that it runs.</summary>
    [Id(5)]
    public required string Version { get; init; }

    /// <summary>The memory that its process holds, in bytes.</summary>
    [Id(6)]
    public required long MemoryBytes { get; init; }

    /// <summary>How many pieces of work it computes at the same time: its compute slots.</summary>
    [Id(7)]
    public required int Slots { get; init; }

    /// <summary>What is on its slots and what waits for one, that which came first at the top.</summary>
    [Id(8)]
    public required IReadOnlyList<ComputeProgress> Work { get; init; }

    /// <summary>Where its host answers about its health and metrics; null where it does not.</summary>
    [Id(9)]
    public string? AdminUrl { get; init; }

    /// <summary>Whether it hands its work over and will stop.</summary>
    [Id(10)]
    public bool IsDraining { get; init; }
}
