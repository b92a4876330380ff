namespace Air.Orleans.Serve;

/// <summary>One replica of a deployment.</summary>
/// <param name="Index">Its number, from 0.</param>
/// <param name="Silo">The silo where it stands; "" where it cannot be reached.</param>
/// <param name="IsReady">Whether its model is loaded.</param>
/// <param name="OngoingRequests">How many requests it has that are not answered yet.</param>
[GenerateSerializer, Immutable, Alias("air.serve.ReplicaStatus")]
public sealed record ReplicaStatus(
    [property: Id(0)] int Index,
    [property: Id(1)] string Silo,
    [property: Id(2)] bool IsReady,
    [property: Id(3)] int OngoingRequests
);
