namespace Air.Orleans.Core.Placement;

/// <summary>Places a grain on any silo that does not drain.</summary>
[GenerateSerializer, Immutable, SuppressReferenceTracking, Alias("air.core.OpenSiloPlacement")]
internal sealed class OpenSiloPlacement : PlacementStrategy;
