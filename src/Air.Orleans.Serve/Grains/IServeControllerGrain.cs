using Air.Orleans.Serve.Routing;

namespace Air.Orleans.Serve.Grains;

/// <summary>Knows all deployments of the cluster and keeps their replicas; there is one, with the key 0.</summary>
[Alias("air.serve.IServeControllerGrain")]
internal interface IServeControllerGrain : IGrainWithIntegerKey
{
    /// <summary>Loads the replicas of a new version, gives it the traffic, and ends those of the version before.</summary>
    [Alias("Deploy"), ResponseTimeout("00:10:00")]
    Task<DeployedVersion> DeployAsync(DeploymentRequest request);

    /// <summary>Ends a deployment; only that version, where one is given. False where there is none.</summary>
    [Alias("Delete"), ResponseTimeout("00:02:00")]
    Task<bool> DeleteAsync(string name, int? version);

    /// <summary>The table as it is now.</summary>
    [Alias("GetTable")]
    Task<RoutingTable> GetTableAsync();

    /// <summary>
    /// The table, as soon as it is newer than <paramref name="seenVersion"/>, or when patience ends. Tells the controller where the
    /// asking silo takes HTTP.
    /// </summary>
    [Alias("Watch")]
    Task<RoutingTable> WatchAsync(long seenVersion, TimeSpan patience, SiloAddress silo, string? ingress);

    /// <summary>What a replica of this version has to load; null where the version is not wanted any more.</summary>
    [Alias("GetReplica")]
    Task<DeploymentRequest?> GetReplicaAsync(string name, int version);

    /// <summary>All deployments with their replicas.</summary>
    [Alias("Status")]
    Task<DeploymentStatus[]> StatusAsync();
}
