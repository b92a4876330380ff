namespace Air.Orleans.Core.Blocks;

/// <summary>What a block grain gives instead of rows: where they are to be had, and how many there are.</summary>
[GenerateSerializer, Immutable, Alias("air.core.BlockTicket")]
internal sealed record BlockTicket([property: Id(0)] string Key, [property: Id(1)] BlockRef Block)
{
    public int Rows => Block.Rows;

    public long Bytes => Block.Bytes;
}
