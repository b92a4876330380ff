using Air.Orleans.Core.Blocks.Arena;

namespace Air.Orleans.Core;

/// <summary>
/// Names a block of rows that is stored in the cluster. Small, and may travel anywhere: in grain messages, in files, in what is shipped. It keeps
/// nothing alive; whoever passes it on sees to it that somebody holds the block (<see cref="BlocksDoor.HoldAsync"/>).
/// </summary>
[GenerateSerializer, Immutable, Alias("air.core.BlockRef")]
public sealed record BlockRef
{
    /// <summary>The block's id, which no other has.</summary>
    [Id(0)]
    public required Guid Id { get; init; }

    /// <summary>The silo to which it was put, "host:port@generation".</summary>
    [Id(1)]
    public required string Home { get; init; }

    /// <summary>How many rows it has.</summary>
    [Id(2)]
    public required int Rows { get; init; }

    /// <summary>How many bytes its content takes.</summary>
    [Id(3)]
    public required long Bytes { get; init; }

    /// <summary>The XxHash128 of its content.</summary>
    [Id(4)]
    public required UInt128 Hash { get; init; }

    /// <summary>Where it was in the memory of its home when it was put; it may have left since.</summary>
    [Id(5)]
    internal BlockPlace Place { get; init; }
}
