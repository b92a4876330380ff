using Air.Orleans.Core.Shipping;
using Air.Orleans.Serve.Routing;

namespace Air.Orleans.Serve.Grains;

/// <summary>A deployment as it travels and is kept.</summary>
[GenerateSerializer, Immutable, Alias("air.serve.DeploymentRequest")]
internal sealed record DeploymentRequest(
    [property: Id(0)] Guid RequestId,
    [property: Id(1)] string Name,
    [property: Id(2)] string Route,
    [property: Id(3)] CheckpointManifest Checkpoint,
    [property: Id(4)] ShippedObject Predictor,
    [property: Id(5)] string[] FeatureColumns,
    [property: Id(6)] int Replicas,
    [property: Id(7)] int MaxOngoingRequests,
    [property: Id(8)] int MaxBatchRows,
    [property: Id(9)] ResourceSet? ResourcesPerReplica
)
{
    /// <summary>The lease of a version: a bundle for each replica, spread; null where replicas need nothing of their own.</summary>
    public PlacementRequest? Lease(int version) =>
        ResourcesPerReplica is null || new ResourceSet().Covers(ResourcesPerReplica)
            ? null
            : new PlacementRequest
            {
                Id = LeaseId(Name, version),
                Bundles = [.. Enumerable.Repeat(new Bundle { Resources = ResourcesPerReplica }, Replicas)],
                Strategy = PlacementGroupStrategy.Spread,
                OnLoss = PlacementLoss.Replace,
                Purpose = $"replicas of deployment '{Name}'",
                Timeout = LeasePatience,
            };

    public static string LeaseId(string name, int version) => $"deployment {name}/{version}";

    /// <summary>How long a deployment waits for its resources.</summary>
    private static readonly TimeSpan LeasePatience = TimeSpan.FromMinutes(1);

    public RoutingEntry Entry(int version) => new(Name, version, Route, Replicas, MaxBatchRows);
}

/// <summary>A version that has the traffic.</summary>
[GenerateSerializer, Immutable, Alias("air.serve.DeployedVersion")]
internal sealed record DeployedVersion(
    [property: Id(0)] RoutingEntry Entry,
    [property: Id(1)] RoutingTable Table,
    [property: Id(2)] string? Ingress
);

/// <summary>Whether there was a deployment to delete.</summary>
[GenerateSerializer, Immutable, Alias("air.serve.DeletedDeployment")]
internal sealed record DeletedDeployment([property: Id(0)] bool Existed);
