using Air.Orleans.Core.DataPlane;

namespace Air.Orleans.Core.Blocks;

/// <summary>Where a silo keeps its blocks.</summary>
/// <param name="Silo">The silo's address, "host:port@generation".</param>
/// <param name="Host">The name of its machine.</param>
/// <param name="Segment">The number of its segment, which no other has.</param>
/// <param name="SegmentPath">The segment's file; a process that finds it there, with that number, is on the same host.</param>
/// <param name="Endpoint">Where other hosts fetch its blocks.</param>
[GenerateSerializer, Immutable, Alias("air.core.BlockHome")]
internal sealed record BlockHome(
    [property: Id(0)] string Silo,
    [property: Id(1)] string Host,
    [property: Id(2)] long Segment,
    [property: Id(3)] string SegmentPath,
    [property: Id(4)] DataEndpoint Endpoint
);
