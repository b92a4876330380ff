using System.Collections.Concurrent;
using Air.Orleans.Core.Blocks.Grains;
using Air.Orleans.Core.Placement;
using Air.Orleans.Core.Resilience;

namespace Air.Orleans.Core.Blocks;

/// <summary>The stores of the silos: where they are, and how to call them. Thread-safe.</summary>
internal sealed class BlockHomes(IGrainFactory grains, TimeProvider time)
{
    private static readonly TimeSpan ListAge = TimeSpan.FromSeconds(5);

    /// <summary>How long an answer may take whose lack is no harm.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<string, BlockHome> _homes = new();
    private (IReadOnlyList<BlockHome> Homes, long At)? _list;

    /// <summary>The silo's store.</summary>
    public IBlockHomeGrain this[string silo] => grains.GetGrain<IBlockHomeGrain>(silo);

    /// <summary>Where the silo keeps its blocks; asked once.</summary>
    /// <exception cref="SiloGoneException">The silo is lost.</exception>
    public async ValueTask<BlockHome> OfAsync(string silo, CancellationToken cancellationToken)
    {
        if (_homes.TryGetValue(silo, out var known))
        {
            return known;
        }

        var home = await GrainCalls.RetryAsync(() => this[silo].DescribeAsync(), cancellationToken);
        return _homes.GetOrAdd(silo, home);
    }

    /// <summary>The stores of the silos that are up and take new blocks, as they were a few seconds ago at the earliest.</summary>
    public async ValueTask<IReadOnlyList<BlockHome>> ListAsync(CancellationToken cancellationToken)
    {
        if (_list is { } list && time.GetElapsedTime(list.At) < ListAge)
        {
            return list.Homes;
        }

        var silos = await ActiveAsync(cancellationToken);
        var homes = await Task.WhenAll(silos.Select(silo => TryDescribeAsync(silo, cancellationToken)));
        var found = homes.OfType<BlockHome>().ToList();
        _list = (found, time.GetTimestamp());
        return found;
    }

    /// <summary>The addresses of the silos that are up.</summary>
    public async ValueTask<IReadOnlyList<string>> ActiveAsync(CancellationToken cancellationToken)
    {
        var hosts = await GrainCalls.RetryAsync(
            () => grains.GetGrain<IManagementGrain>(0).GetHosts(onlyActive: true),
            cancellationToken
        );
        return [.. hosts.Keys.Select(OnSiloPlacement.KeyOf).Order(StringComparer.Ordinal)];
    }

    /// <summary>Asks every silo that is up; those that are lost meanwhile are left out.</summary>
    public async Task<IReadOnlyList<(string Silo, T Answer)>> AskAllAsync<T>(
        Func<IBlockHomeGrain, Task<T>> ask,
        CancellationToken cancellationToken
    )
    {
        var silos = await ActiveAsync(cancellationToken);
        var answers = await Task.WhenAll(silos.Select(AskAsync));
        return
        [
            .. answers.Where(static answer => answer.HasAnswered).Select(static answer => (answer.Silo, answer.Answer)),
        ];

        async Task<(string Silo, bool HasAnswered, T Answer)> AskAsync(string silo)
        {
            try
            {
                return (silo, true, await ask(this[silo]).WaitAsync(cancellationToken));
            }
            catch (Exception error) when (error is SiloGoneException || GrainCalls.IsTransient(error))
            {
                return (silo, false, default!);
            }
        }
    }

    /// <summary>Forgets a silo that is lost.</summary>
    public void Forget(string silo)
    {
        _homes.TryRemove(silo, out _);
        _list = null;
    }

    /// <summary>A silo that hangs holds up nobody who puts to another; whoever puts to it finds out.</summary>
    private async Task<bool> TakesBlocksAsync(string silo, CancellationToken cancellationToken)
    {
        try
        {
            return await this[silo].TakesBlocksAsync().WaitAsync(Patience, time, cancellationToken);
        }
        catch (TimeoutException)
        {
            return true;
        }
    }

    private async Task<BlockHome?> TryDescribeAsync(string silo, CancellationToken cancellationToken)
    {
        try
        {
            var home = await OfAsync(silo, cancellationToken);
            return await TakesBlocksAsync(silo, cancellationToken) ? home : null;
        }
        catch (Exception error) when (error is SiloGoneException || GrainCalls.IsTransient(error))
        {
            return null;
        }
    }
}
