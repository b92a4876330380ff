namespace Air.Orleans.Core.Placement;

/// <summary>Places a grain on the silo whose address its key is, or begins with, before a '/'.</summary>
[GenerateSerializer, Immutable, SuppressReferenceTracking, Alias("air.core.OnSiloPlacement")]
internal sealed class OnSiloPlacement : PlacementStrategy
{
    /// <summary>The key of the grain that stands on this silo.</summary>
    public static string KeyOf(SiloAddress silo) => silo.ToParsableString();
}
