using Air.Orleans.Core.DataPlane;

namespace Air.Orleans.Core.Blocks;

/// <summary>What a block grain gives instead of rows: where they are to be had, and how many there are.</summary>
[GenerateSerializer, Immutable, Alias("air.core.BlockTicket")]
internal sealed record BlockTicket(
    [property: Id(0)] string Key,
    [property: Id(1)] int Rows,
    [property: Id(2)] long Bytes,
    [property: Id(3)] DataEndpoint Endpoint
);
