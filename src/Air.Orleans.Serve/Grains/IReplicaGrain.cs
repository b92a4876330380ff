using Air.Orleans.Core.Resilience;
using Air.Orleans.Serve.Replicas;

namespace Air.Orleans.Serve.Grains;

/// <summary>One copy of a deployment's model; the key is name, version and index. Where it is lost, the next call loads it elsewhere.</summary>
[Alias("air.serve.IReplicaGrain")]
internal interface IReplicaGrain : IGrainWithStringKey
{
    /// <summary>Loads the model; may be called again. Null where it is not loaded yet: ask again.</summary>
    [Alias("Load"), ResponseTimeout(SharedWork.CallTimeout)]
    Task<LoadedReplica?> LoadAsync();

    /// <summary>The answer to the body of a request. Whoever waits long asks for the status meanwhile: a silo that hangs answers neither.</summary>
    [Alias("Predict"), ResponseTimeout("00:01:05")]
    Task<ReplicaAnswer> PredictAsync([Immutable] byte[] body);

    /// <summary>Takes no more requests, answers those it has, and ends; false where it has not yet: ask again.</summary>
    [Alias("Stop"), ResponseTimeout(SharedWork.CallTimeout)]
    Task<bool> StopAsync();

    /// <summary>Where it stands.</summary>
    [Alias("Status"), ResponseTimeout("00:00:02")]
    Task<ReplicaStatus> StatusAsync();
}

/// <summary>Where the silo of a loaded replica takes HTTP; null where it does not.</summary>
[GenerateSerializer, Immutable, Alias("air.serve.LoadedReplica")]
internal sealed record LoadedReplica([property: Id(0)] string? Ingress);
