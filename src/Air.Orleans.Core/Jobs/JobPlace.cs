namespace Air.Orleans.Core.Jobs;

/// <summary>The cluster that a silo belongs to and its storage, as a job on it must be told. Null names an embedded cluster that no other process can reach.</summary>
internal sealed record JobPlace(ClusterUri Cluster, ClusterUri Storage);
