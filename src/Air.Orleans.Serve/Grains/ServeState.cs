namespace Air.Orleans.Serve.Grains;

/// <summary>What the controller keeps.</summary>
[GenerateSerializer, Alias("air.serve.ServeState")]
internal sealed class ServeState
{
    /// <summary>Counts the changes of the routing table.</summary>
    [Id(0)]
    public long TableVersion { get; set; }

    /// <summary>The version that was given out last, of any deployment: none is ever given twice.</summary>
    [Id(1)]
    public int LastVersion { get; set; }

    [Id(2)]
    public Dictionary<string, ActiveDeployment> Deployments { get; set; } = [];

    /// <summary>
    /// Versions whose replicas may exist and have no traffic: those that load, until they have it, and those that end. They are
    /// written before their replicas are made, so that a controller that was lost leaves none behind.
    /// </summary>
    [Id(3)]
    public List<IdleVersion> Idle { get; set; } = [];
}

/// <summary>A deployment that has traffic.</summary>
[GenerateSerializer, Immutable, Alias("air.serve.ActiveDeployment")]
internal sealed record ActiveDeployment([property: Id(0)] int Version, [property: Id(1)] DeploymentRequest Request);

/// <summary>The replicas of a version without traffic.</summary>
[GenerateSerializer, Immutable, Alias("air.serve.IdleVersion")]
internal sealed record IdleVersion(
    [property: Id(0)] string Name,
    [property: Id(1)] int Version,
    [property: Id(2)] int Replicas
);
