namespace Air.Orleans.Core.Blocks;

/// <summary>Tells a holder that another silo keeps a block for it from now on, as the one that kept it drains.</summary>
[GenerateSerializer, Immutable, Alias("air.core.BlockMove")]
internal sealed record BlockMove([property: Id(0)] Guid Block, [property: Id(1)] string Silo);
