namespace Air.Orleans.Core.Placement;

/// <summary>The bundle under which the calls of a scope place grains; travels with each call.</summary>
[GenerateSerializer, Immutable, Alias("air.core.LeasePlace")]
internal sealed record LeasePlace(
    [property: Id(0)] string Group,
    [property: Id(1)] int Bundle,
    [property: Id(2)] SiloAddress Silo
)
{
    public const string ContextKey = "air.lease";

    /// <summary>The calls from here on place nothing under the bundle by which this one was placed.</summary>
    public static void Leave() => RequestContext.Remove(ContextKey);
}

/// <summary>Sets the bundle for the calls until it is disposed.</summary>
internal sealed class PlacementScope : IDisposable
{
    private readonly object? _before = RequestContext.Get(LeasePlace.ContextKey);

    public PlacementScope(LeasePlace place) => RequestContext.Set(LeasePlace.ContextKey, place);

    public void Dispose()
    {
        if (_before is null)
        {
            RequestContext.Remove(LeasePlace.ContextKey);
        }
        else
        {
            RequestContext.Set(LeasePlace.ContextKey, _before);
        }
    }
}
