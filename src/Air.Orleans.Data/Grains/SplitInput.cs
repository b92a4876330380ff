namespace Air.Orleans.Data.Grains;

/// <summary>
/// What a split knows of its input, kept by grain persistence: all else that a run needs is in its plan, but to count these rows again
/// every block of the input would have to be computed.
/// </summary>
[GenerateSerializer, Alias("air.data.SplitInput")]
internal sealed record SplitInput
{
    /// <summary>How many rows each block of the input has.</summary>
    [Id(0)]
    public int[] Rows { get; init; } = [];

    /// <summary>The columns of the input, in Arrow's own form.</summary>
    [Id(1)]
    public byte[] SchemaBytes { get; init; } = [];
}
