using Air.Orleans.Core.Resources.Control;
using Orleans.Services;

namespace Air.Orleans.Core.Resources.Grains;

/// <summary>A silo's own book of what stands on it, as the ledger reaches it.</summary>
[Alias("air.core.IResourceSiloService")]
internal interface IResourceSiloService : IGrainService
{
    /// <summary>A new ledger asks to be obeyed, and is told what stands here. It is where the ballot in the answer is its own.</summary>
    [Alias("Adopt"), ResponseTimeout("00:00:03")]
    Task<SiloReport> AdoptAsync(Ballot ballot);

    /// <summary>Writes down what a ledger has decided since its last message.</summary>
    [Alias("Apply"), ResponseTimeout("00:00:05")]
    Task<SiloAnswer> ApplyAsync(Ballot ballot, long sequence, SiloChange[] changes);
}
