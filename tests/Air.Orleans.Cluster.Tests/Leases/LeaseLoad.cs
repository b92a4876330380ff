using Air.Orleans.Core;

namespace Air.Orleans.Cluster.Tests.Leases;

/// <summary>Clients that take leases of several kinds and free them, many at once.</summary>
internal sealed class LeaseLoad : IAsyncDisposable
{
    private const int LoopsOfEach = 10;

    private readonly List<AirCluster> _clients = [];
    private int _asked;
    private int _answered;

    private LeaseLoad(ResourceSet offer) => Held = new HeldLeases(offer);

    /// <summary>How many leases were granted and given back.</summary>
    public int Answered => Volatile.Read(ref _answered);

    public HeldLeases Held { get; }

    /// <summary>Connects so many clients to silos that offer <paramref name="resources"/> each.</summary>
    public static async Task<LeaseLoad> ConnectAsync(SiloProcesses silos, int clients, string resources)
    {
        var load = new LeaseLoad(ResourceSet.Parse(resources));
        for (var i = 0; i < clients; i++)
        {
            load._clients.Add(await silos.ConnectAsync());
        }

        return load;
    }

    /// <summary>Takes and frees so many leases; <paramref name="begun"/> is set when a fifth of them is done.</summary>
    /// <exception cref="ResourceException">One was refused, although all are possible.</exception>
    public Task TakeAndFreeAsync(int leases, TaskCompletionSource begun)
    {
        var end = Answered + leases;
        var signalAt = Answered + (leases / 5);
        return Task.WhenAll(
            _clients.SelectMany(client => Enumerable.Range(0, LoopsOfEach).Select(_ => LoopAsync(client)))
        );

        async Task LoopAsync(AirCluster client)
        {
            for (int number; (number = Interlocked.Increment(ref _asked)) <= end; )
            {
                await using (var group = await client.Resources.ReserveAsync(Request(number)))
                {
                    using var _ = Held.Note(group);
                    await Task.Yield();
                }

                if (Interlocked.Increment(ref _answered) == signalAt)
                {
                    begun.SetResult();
                }
            }

            // It has asked for none, so the next round may.
            Interlocked.Decrement(ref _asked);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var client in _clients)
        {
            await client.DisposeAsync();
        }
    }

    private static PlacementRequest Request(int number) =>
        (number % 4) switch
        {
            0 => Of(1, new ResourceSet { Gpu = 1 }),
            1 => Of(1, new ResourceSet { Gpu = 0.5 }),
            2 => Of(1, new ResourceSet { Gpu = 2 }),
            _ => Of(2, new ResourceSet { Custom = new Dictionary<string, double> { ["slot"] = 3 } }),
        };

    private static PlacementRequest Of(int bundles, ResourceSet resources) =>
        new()
        {
            Bundles = [.. Enumerable.Repeat(new Bundle { Resources = resources }, bundles)],
            Strategy = PlacementGroupStrategy.Spread,
        };
}
