using Orleans.Placement;

namespace Air.Orleans.Core.Placement;

/// <summary>
/// The grain's key names its silo, by <see cref="OnSiloPlacement.KeyOf"/>: a client's way to a certain silo. When that silo is lost, calls fail with a
/// <see cref="SiloGoneException"/>, as no other can answer for it.
/// </summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class OnSiloPlacementAttribute() : PlacementAttribute(new OnSiloPlacement());
