using Air.Orleans.Serve.Replicas;

namespace Air.Orleans.Serve.Grains;

/// <summary>One copy of a deployment's model; the key is name, version and index. Where it is lost, the next call loads it elsewhere.</summary>
[Alias("air.serve.IReplicaGrain")]
internal interface IReplicaGrain : IGrainWithStringKey
{
    /// <summary>Loads the model; may be called again. Gives where the replica's silo takes HTTP; null where it does not.</summary>
    [Alias("Load"), ResponseTimeout("00:10:00")]
    Task<string?> LoadAsync();

    /// <summary>The answer to the body of a request.</summary>
    [Alias("Predict")]
    Task<ReplicaAnswer> PredictAsync([Immutable] byte[] body);

    /// <summary>Takes no more requests, answers those it has, and ends.</summary>
    [Alias("Stop"), ResponseTimeout("00:01:00")]
    Task StopAsync();

    /// <summary>Where it stands.</summary>
    [Alias("Status")]
    Task<ReplicaStatus> StatusAsync();
}
