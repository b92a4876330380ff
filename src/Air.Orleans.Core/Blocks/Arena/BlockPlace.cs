namespace Air.Orleans.Core.Blocks.Arena;

/// <summary>Where a block lies in shared memory. A place is never used twice: each block of a segment has a generation of its own.</summary>
/// <param name="Segment">The number of the segment, which no other has.</param>
/// <param name="Offset">Where the block's header begins in it.</param>
/// <param name="Generation">The number of the block in it.</param>
/// <param name="Pad">How many bytes lie between the header and the content, so that columns begin at multiples of 64.</param>
/// <param name="Length">How many bytes the content has.</param>
[GenerateSerializer, Immutable, Alias("air.core.BlockPlace")]
internal readonly record struct BlockPlace(
    [property: Id(0)] long Segment,
    [property: Id(1)] long Offset,
    [property: Id(2)] long Generation,
    [property: Id(3)] int Pad,
    [property: Id(4)] int Length
)
{
    /// <summary>The range in the segment, header and all.</summary>
    public long Span => SegmentHeader.BlockBytes + Pad + Length;

    /// <summary>Where the content begins in the segment.</summary>
    public long Content => Offset + SegmentHeader.BlockBytes + Pad;
}
