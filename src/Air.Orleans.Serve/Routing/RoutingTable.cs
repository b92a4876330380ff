namespace Air.Orleans.Serve.Routing;

/// <summary>Which deployments there are; a table with a higher version is newer.</summary>
[GenerateSerializer, Immutable, Alias("air.serve.RoutingTable")]
internal sealed record RoutingTable(
    [property: Id(0)] long Version,
    [property: Id(1)] RoutingEntry[] Deployments,
    [property: Id(2)] string[] Ingresses
);

/// <summary>A deployment as a router needs it.</summary>
[GenerateSerializer, Immutable, Alias("air.serve.RoutingEntry")]
internal sealed record RoutingEntry(
    [property: Id(0)] string Name,
    [property: Id(1)] int Version,
    [property: Id(2)] string Route,
    [property: Id(3)] int Replicas,
    [property: Id(4)] int MaxBatchRows
)
{
    public string ReplicaKey(int index) => $"{Name}/{Version}/{index}";
}
