namespace Air.Orleans.Core.Tests.Resources;

/// <summary>Requests in few words.</summary>
internal static class LedgerRequests
{
    public static ResourceSet Cpu(double count) => new() { Cpu = count };

    public static PlacementRequest Request(string id, params Bundle[] bundles) => new() { Id = id, Bundles = bundles };

    public static PlacementRequest Group(string id, int count, ResourceSet each, PlacementGroupStrategy strategy) =>
        Request(id, [.. Enumerable.Repeat(new Bundle { Resources = each }, count)]) with
        {
            Strategy = strategy,
        };
}
