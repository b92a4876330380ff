namespace Air.Orleans;

/// <summary>The names by which silos and clients on one machine find each other.</summary>
public static class LocalClusterName
{
    /// <summary>The cluster's id.</summary>
    public const string ClusterId = "air-local";

    /// <summary>The service's id.</summary>
    public const string ServiceId = "air";
}
