namespace Air.Orleans;

/// <summary>Which cluster an application uses, and how long it waits for it.</summary>
public sealed record AirClientOptions
{
    /// <summary>The cluster.</summary>
    public required ClusterUri Cluster { get; init; }

    /// <summary>How the application proves who it is.</summary>
    /// <value>What the host's configuration says, or else the environment (docs/security.md).</value>
    public SecurityOptions? Security { get; init; }

    /// <summary>How long a call of <see cref="AirConnection"/> may take before it fails as <see cref="ClusterUnavailableException"/>.</summary>
    /// <value>10 seconds, in which a client that lost its gateway has found another.</value>
    public TimeSpan CallLimit { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How often the cluster is asked whether it answers.</summary>
    /// <value>One second.</value>
    public TimeSpan ProbeInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long the cluster may take to answer that.</summary>
    /// <value>3 seconds.</value>
    public TimeSpan ProbeLimit { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>How long one attempt to connect may take; then the reason is known, and there is another.</summary>
    /// <value>5 seconds.</value>
    public TimeSpan ConnectLimit { get; init; } = TimeSpan.FromSeconds(5);
}
