using Air.Orleans.Core.Resilience;
using Air.Orleans.Core.Resources.Control;
using Air.Orleans.Core.Resources.Grains;

namespace Air.Orleans.Core.Resources;

/// <summary>The way of a run to its resources: waits in the ledger's queue and tells meanwhile why it waits.</summary>
internal static class ResourceLeases
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>Reserves <paramref name="amount"/> on one silo, however long that takes.</summary>
    /// <param name="grains">The way to the ledger.</param>
    /// <param name="id">The lease's id; asking again with it is the same request.</param>
    /// <param name="amount">What is needed, all on one silo.</param>
    /// <param name="waiting">Is told why the request waits, every few seconds while it does.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="ResourceException">No present silo could ever serve it.</exception>
    public static async Task<SiloAddress> AcquireAsync(
        IGrainFactory grains,
        string id,
        ResourceSet amount,
        Action<string> waiting,
        CancellationToken cancellationToken
    )
    {
        var ledger = grains.GetGrain<IResourceLedgerGrain>(0);
        var patience = TimeSpan.FromMilliseconds(100);
        while (true)
        {
            var asked = patience;
            switch (await GrainCalls.RetryAsync(() => ledger.AcquireAsync(id, amount, asked), cancellationToken))
            {
                case LeaseGranted granted:
                    return granted.Silo;
                case LeaseImpossible impossible:
                    throw new ResourceException(
                        $"'{id}' {impossible.Reason} No silo could ever serve it: ask for less, or add a larger silo."
                    );
                case LeasePending pending:
                    waiting(pending.Reason);
                    patience = Patience;
                    break;
            }
        }
    }
}
