namespace Air.Orleans.Core.Runs;

/// <summary>
/// What starts one run after another of the same trainable: made by a trainer, kept by a search. Opaque to users.
/// </summary>
[GenerateSerializer, Immutable, Alias("air.core.TrainableLaunch")]
public sealed record TrainableLaunch
{
    /// <summary>The type of the grain that carries a run.</summary>
    [Id(0)]
    internal GrainType RunGrainType { get; init; }

    /// <summary>The run's specification, as that grain reads it.</summary>
    [Id(1)]
    internal byte[] Specification { get; init; } = [];

    /// <summary>What one run needs, all on one silo.</summary>
    [Id(2)]
    public ResourceSet Resources { get; init; } = new();

    /// <summary>
    /// Names what is run: the same for the same description, also in another process, where the specification's bytes may differ.
    /// </summary>
    [Id(3)]
    internal string Fingerprint { get; init; } = "";
}
