using Air.Orleans.Core.Resilience;
using Air.Orleans.Core.Runs.Grains;
using Air.Orleans.Serve.Routing;

namespace Air.Orleans.Serve.Grains;

/// <summary>Knows all deployments of the cluster and keeps their replicas; there is one, with the key 0.</summary>
[Alias("air.serve.IServeControllerGrain")]
internal interface IServeControllerGrain : IGrainWithIntegerKey, IListedRunGrain
{
    /// <summary>Loads the replicas of a new version, gives it the traffic, and ends those of the version before. Null where that is not done yet: ask again.</summary>
    [Alias("Deploy"), ResponseTimeout(SharedWork.CallTimeout)]
    Task<DeployedVersion?> DeployAsync(DeploymentRequest request);

    /// <summary>Ends a deployment; only that version, where one is given. Null where that is not done yet: ask again.</summary>
    [Alias("Delete"), ResponseTimeout(SharedWork.CallTimeout)]
    Task<DeletedDeployment?> DeleteAsync(string name, int? version);

    /// <summary>The table as it is now.</summary>
    [Alias("GetTable"), ResponseTimeout(SharedWork.CallTimeout)]
    Task<RoutingTable> GetTableAsync();

    /// <summary>
    /// The table, as soon as it is newer than <paramref name="seenVersion"/>, or when patience ends. Tells the controller where the
    /// asking silo takes HTTP.
    /// </summary>
    [Alias("Watch"), ResponseTimeout(SharedWork.CallTimeout)]
    Task<RoutingTable> WatchAsync(long seenVersion, TimeSpan patience, SiloAddress silo, string? ingress);

    /// <summary>
    /// A silo drains: it is given no replica any more, its HTTP endpoint is named to nobody, and those of its replicas that are wanted are
    /// loaded elsewhere, where their lease has a place. Null where that is not done yet: ask again.
    /// </summary>
    [Alias("Leave"), ResponseTimeout(SharedWork.CallTimeout)]
    Task<LeftSilo?> LeaveAsync(SiloAddress silo, string[] replicas);

    /// <summary>What a replica of this version has to load; null where the version is not wanted any more.</summary>
    [Alias("GetReplica"), ResponseTimeout(SharedWork.CallTimeout)]
    Task<DeploymentRequest?> GetReplicaAsync(string name, int version);

    /// <summary>All deployments with their replicas.</summary>
    [Alias("Status"), ResponseTimeout(SharedWork.CallTimeout)]
    Task<DeploymentStatus[]> StatusAsync();
}

/// <summary>How many replicas a silo that drains has given away.</summary>
[GenerateSerializer, Immutable, Alias("air.serve.LeftSilo")]
internal sealed record LeftSilo([property: Id(0)] int Moved);
