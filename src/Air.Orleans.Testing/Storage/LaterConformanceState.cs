namespace Air.Orleans.Testing.Storage;

/// <summary>
/// <see cref="ConformanceState"/> in a later version: it has lost its bytes and won a list. Not thread-safe.
/// </summary>
[GenerateSerializer, Alias("air.testing.LaterConformanceState")]
public sealed class LaterConformanceState
{
    /// <summary>A number.</summary>
    [Id(0)]
    public long Number { get; set; }

    /// <summary>A text.</summary>
    [Id(1)]
    public string Text { get; set; } = "";

    /// <summary>What is new.</summary>
    [Id(3)]
    public List<string> Added { get; set; } = ["new"];
}
