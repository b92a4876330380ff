namespace Air.Orleans.Cluster.Tests.Faults;

/// <summary>Writes what must not be written by a silo that was taken for dead; the key is also a run's name.</summary>
[Alias("air.tests.IFencedGrain")]
internal interface IFencedGrain : IGrainWithStringKey
{
    /// <summary>
    /// Begins an epoch of the run, writes its number to the grain's storage and commits a checkpoint. When the grain's process is stopped
    /// after that and goes on, both are tried once more, and the process says on its output what came of it.
    /// </summary>
    /// <returns>The silo on which the grain is.</returns>
    [Alias("Begin")]
    Task<SiloAddress> BeginAsync(int epoch);

    /// <summary>The epoch as it is in the storage.</summary>
    [Alias("Epoch")]
    Task<int> EpochAsync();
}

[GenerateSerializer, Alias("air.tests.FencedState")]
internal sealed class FencedState
{
    [Id(0)]
    public int Epoch { get; set; }

    [Id(1)]
    public bool AfterStop { get; set; }
}
