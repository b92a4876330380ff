namespace Air.Orleans.Serve;

/// <summary>A deployment as it stands.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Version">Which version has the traffic; a redeployment has a higher one.</param>
/// <param name="Route">The path that it answers over HTTP.</param>
/// <param name="CheckpointId">The checkpoint that it serves.</param>
/// <param name="Replicas">Its replicas, by index.</param>
[GenerateSerializer, Immutable, Alias("air.serve.DeploymentStatus")]
public sealed record DeploymentStatus(
    [property: Id(0)] string Name,
    [property: Id(1)] int Version,
    [property: Id(2)] string Route,
    [property: Id(3)] string CheckpointId,
    [property: Id(4)] IReadOnlyList<ReplicaStatus> Replicas
);
