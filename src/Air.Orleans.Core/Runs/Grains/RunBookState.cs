using Air.Orleans.Core.Runs.Control;

namespace Air.Orleans.Core.Runs.Grains;

/// <summary>What the book keeps.</summary>
[GenerateSerializer, Alias("air.core.RunBookState")]
internal sealed class RunBookState
{
    [Id(0)]
    public RunBook Book { get; set; } = new();

    /// <summary>The cluster's incarnation: it lives as long as any of its silos does.</summary>
    [Id(1)]
    public string Incarnation { get; set; } = "";
}
