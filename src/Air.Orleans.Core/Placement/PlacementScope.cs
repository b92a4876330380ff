namespace Air.Orleans.Core.Placement;

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
