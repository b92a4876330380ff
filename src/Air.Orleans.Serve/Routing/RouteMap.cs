namespace Air.Orleans.Serve.Routing;

/// <summary>A router's table. Immutable, but for what is counted in its deployments.</summary>
internal sealed class RouteMap
{
    public static RouteMap Empty { get; } = new(new RoutingTable(-1, [], []), []);

    private readonly Dictionary<string, RoutedDeployment> _byName;
    private readonly Dictionary<string, RoutedDeployment> _byRoute;

    public RouteMap(RoutingTable table, IReadOnlyCollection<RoutedDeployment> deployments)
    {
        Table = table;
        _byName = deployments.ToDictionary(static it => it.Entry.Name, StringComparer.Ordinal);
        _byRoute = deployments.ToDictionary(static it => it.Entry.Route, StringComparer.Ordinal);
    }

    public RoutingTable Table { get; }

    public RoutedDeployment? ByName(string name) => _byName.GetValueOrDefault(name);

    public RoutedDeployment? ByRoute(string route) => _byRoute.GetValueOrDefault(route);
}
