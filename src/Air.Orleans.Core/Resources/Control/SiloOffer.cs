namespace Air.Orleans.Core.Resources.Control;

/// <summary>What a silo declares: amounts, the type of each GPU (those not named have none), and labels.</summary>
[GenerateSerializer, Immutable, Alias("air.core.SiloOffer")]
internal sealed record SiloOffer(
    [property: Id(0)] ResourceSet Resources,
    [property: Id(1)] IReadOnlyList<string> Accelerators,
    [property: Id(2)] IReadOnlyDictionary<string, string> Labels
)
{
    public SiloOffer(ResourceSet resources)
        : this(resources, [], new Dictionary<string, string>()) { }
}
