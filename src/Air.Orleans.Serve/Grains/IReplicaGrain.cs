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

    /// <summary>
    /// The answer to the body of a request. Whoever waits long asks meanwhile whether the replica has it: a silo that hangs answers neither, and
    /// nobody tells a client that its request was lost with its silo.
    /// </summary>
    [Alias("Predict"), ResponseTimeout("00:01:05")]
    Task<ReplicaAnswer> PredictAsync(Guid request, [Immutable] byte[] body);

    /// <summary>Whether the request is here and not answered yet.</summary>
    [Alias("Has"), ResponseTimeout("00:00:02")]
    Task<bool> HasAsync(Guid request);

    /// <summary>Takes no more requests, answers those it has, and ends; false where it has not yet: ask again.</summary>
    [Alias("Stop"), ResponseTimeout(SharedWork.CallTimeout)]
    Task<bool> StopAsync();

    /// <summary>Where it stands.</summary>
    [Alias("Status"), ResponseTimeout(SharedWork.CallTimeout)]
    Task<ReplicaStatus> StatusAsync();
}

/// <summary>Where the silo of a loaded replica takes HTTP; null where it does not.</summary>
[GenerateSerializer, Immutable, Alias("air.serve.LoadedReplica")]
internal sealed record LoadedReplica([property: Id(0)] string? Ingress);
