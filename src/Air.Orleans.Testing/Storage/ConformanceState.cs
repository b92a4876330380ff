namespace Air.Orleans.Testing.Storage;

/// <summary>What the conformance tests store. Not thread-safe.</summary>
[GenerateSerializer, Alias("air.testing.ConformanceState")]
public sealed class ConformanceState
{
    /// <summary>A number.</summary>
    [Id(0)]
    public long Number { get; set; }

    /// <summary>A text.</summary>
    [Id(1)]
    public string Text { get; set; } = "";

    /// <summary>Bytes.</summary>
    [Id(2)]
    public byte[] Bytes { get; set; } = [];
}
