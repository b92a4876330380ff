using Air.Orleans.Core.Resilience;
using Air.Orleans.Core.Resources;
using Air.Orleans.Core.Resources.Grains;
using Orleans.Concurrency;

namespace Air.Orleans.Cluster.Tests.Leases;

/// <inheritdoc cref="ISiloBooksGrain"/>
[StatelessWorker, Reentrant]
internal sealed class SiloBooksGrain(IManagementView membership, ResourceSiloClient silos) : Grain, ISiloBooksGrain
{
    /// <summary>A silo that was just killed is asked until it is known to be dead; the books of the others are not waited for so long.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    public async Task<BookPage[]> ReadAsync()
    {
        var pages = await Task.WhenAll((await membership.ActiveSilosAsync()).Select(ReadAsync));
        return [.. pages.OfType<BookPage>()];
    }

    private async Task<BookPage?> ReadAsync(SiloAddress silo)
    {
        try
        {
            // The least of all ballots: nobody obeys it, and the answer is the book as it is.
            return new BookPage(silo, await silos.Of(silo).AdoptAsync(default).WaitAsync(Patience));
        }
        catch (Exception error) when (GrainCalls.IsTransient(error))
        {
            return null;
        }
    }
}
