using Air.Orleans.Core.Resources.Control;
using Microsoft.Extensions.Logging;
using Orleans.Concurrency;

namespace Air.Orleans.Core.Resources.Grains;

/// <inheritdoc cref="IResourceSiloService"/>
[Reentrant]
internal sealed class ResourceSiloService(
    GrainId grainId,
    global::Orleans.Runtime.Silo silo,
    LeaseBoard board,
    ILoggerFactory loggers
) : GrainService(grainId, silo, loggers), IResourceSiloService
{
    public Task<SiloReport> AdoptAsync(Ballot ballot) => Task.FromResult(board.Adopt(ballot));

    public Task<SiloAnswer> ApplyAsync(Ballot ballot, long sequence, SiloChange[] changes) =>
        Task.FromResult(board.Apply(ballot, sequence, changes));
}
