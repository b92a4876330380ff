using Air.Orleans.Serve.Http;

namespace Air.Orleans.Serve.Replicas;

/// <summary>How a replica took a request.</summary>
[GenerateSerializer, Alias("air.serve.ReplicaOutcome")]
internal enum ReplicaOutcome
{
    /// <summary>It answered, with predictions or a problem that is the request's own.</summary>
    Answered,

    /// <summary>It has as many requests as it takes; another replica may take it.</summary>
    Busy,

    /// <summary>It serves no more, or its model could not be loaded again; another replica, or a newer table, may help.</summary>
    Gone,
}

/// <summary>What a replica gives back: the bytes of the body as they go out.</summary>
[GenerateSerializer, Immutable, Alias("air.serve.ReplicaAnswer")]
internal sealed record ReplicaAnswer(
    [property: Id(0)] ReplicaOutcome Outcome,
    [property: Id(1)] int Status,
    [property: Id(2)] byte[] Body
)
{
    public static ReplicaAnswer Busy { get; } = new(ReplicaOutcome.Busy, 503, []);

    public static ReplicaAnswer Gone { get; } = new(ReplicaOutcome.Gone, 503, []);

    public static ReplicaAnswer Of(Problem problem) => new(ReplicaOutcome.Answered, problem.Status, problem.ToBytes());

    public static ReplicaAnswer Predictions(byte[] body) => new(ReplicaOutcome.Answered, 200, body);
}
