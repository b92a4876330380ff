namespace Air.Orleans.Core;

/// <summary>The block store of one silo: what it holds, and who waits for room in it and why.</summary>
[GenerateSerializer, Immutable, Alias("air.core.BlockStoreReport")]
public sealed record BlockStoreReport
{
    /// <summary>The silo's address.</summary>
    [Id(0)]
    public required string Silo { get; init; }

    /// <summary>The name of its machine.</summary>
    [Id(1)]
    public required string Host { get; init; }

    /// <summary>The folder of the shared memory.</summary>
    [Id(2)]
    public required string Folder { get; init; }

    /// <summary>The folder of spilled blocks.</summary>
    [Id(3)]
    public required string SpillFolder { get; init; }

    /// <summary>How many bytes of memory blocks may take.</summary>
    [Id(4)]
    public required long BudgetBytes { get; init; }

    /// <summary>How many they take.</summary>
    [Id(5)]
    public required long UsedBytes { get; init; }

    /// <summary>How many bytes of memory are being read by this silo's process, and cannot leave it.</summary>
    [Id(6)]
    public required long PinnedBytes { get; init; }

    /// <summary>How many blocks there are, in memory and on disk.</summary>
    [Id(7)]
    public required int Count { get; init; }

    /// <summary>How many bytes of blocks are on disk alone.</summary>
    [Id(8)]
    public required long SpilledBytes { get; init; }

    /// <summary>How many blocks are on disk alone.</summary>
    [Id(9)]
    public required int SpilledCount { get; init; }

    /// <summary>How often a block was written to disk since the silo started.</summary>
    [Id(10)]
    public required long Spills { get; init; }

    /// <summary>How often a block came back from disk since the silo started.</summary>
    [Id(11)]
    public required long Restores { get; init; }

    /// <summary>Who waits for room, and why.</summary>
    [Id(12)]
    public required IReadOnlyList<string> Waiting { get; init; }
}
