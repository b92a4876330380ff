using Orleans.Placement;

namespace Air.Orleans.Core.Placement;

/// <summary>Any silo, by turns, but none that drains: for grains that keep what cannot move with them.</summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class OpenSiloPlacementAttribute() : PlacementAttribute(new OpenSiloPlacement());
