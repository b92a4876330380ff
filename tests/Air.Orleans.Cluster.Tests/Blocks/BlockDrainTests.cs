using Air.Orleans.Core;
using Air.Orleans.Tests;

namespace Air.Orleans.Cluster.Tests.Blocks;

/// <summary>What becomes of blocks when their silo is told to stop.</summary>
public sealed class BlockDrainTests : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Sigterm_OfTheOnlyHomeOfABlock_MovesItForItsHolder()
    {
        await using var silos = await StartAsync();
        var (block, freed) = (
            await silos.Air.Blocks.PutAsync(SeededRows.Of(3, 100_000)),
            await silos.Air.Blocks.PutAsync(SeededRows.Of(4, 1000))
        );
        var home = HomeOf(silos, block);

        await home.TerminateAsync();
        await home.WaitForExitAsync(Limit);

        Assert.Equal(0, home.ExitCode);
        Assert.Contains("Drain, Moving: done", home.Output, StringComparison.Ordinal);
        await using (var lease = await silos.Air.Blocks.GetAsync(block).WaitAsync(Limit))
        {
            Assert.True(SeededRows.AreWhole(lease.Batch));
        }

        // Its holder frees it where it is now; longer than a holder may be silent it stays there.
        await silos.Air.Blocks.FreeAsync(freed);
        Assert.Empty(await silos.Air.Blocks.LocationsAsync(freed));
        await BeyondSilenceAsync(silos);
        var location = Assert.Single(await silos.Air.Blocks.LocationsAsync(block));
        Assert.NotEqual(block.Home, location);
        await silos.Air.Blocks.FreeAsync(block);
        Assert.Empty(await silos.Air.Blocks.LocationsAsync(block));
    }

    [Fact]
    public async Task Put_WhileASiloDrains_GoesToTheOther()
    {
        await using var silos = await StartAsync();
        await using var far = FarClient.Start(silos.Cluster);
        var blocks = new List<BlockRef> { await silos.Air.Blocks.PutAsync(SeededRows.Of(1, 1000)) };
        // Stays for its holder, who is frozen and hears of nothing, so that the drain lasts.
        await using var frozen = BlockProcess.Start("put-blocks", silos.Cluster, "2");
        var kept = new[] { await frozen.LineAsync(), await frozen.LineAsync() }
            .Select(line => BlockText.Read(silos.Air, line))
            .ToList();
        var drained = HomeOf(silos, kept[0]);
        await frozen.FreezeAsync();

        await drained.TerminateAsync();
        await ClosedAsync(silos, kept[0].Home);
        var whileItDrained = 0;
        for (var i = 2; i <= 5; i++)
        {
            blocks.Add(await silos.Air.Blocks.PutAsync(SeededRows.Of(i, 1000)).WaitAsync(Limit));
            whileItDrained += drained.HasExited ? 0 : 1;
            far.Say($"put {i + 10} 1000");
            blocks.Add(BlockText.Read(silos.Air, (await far.LineAsync()).Split(' ')[0]));
            whileItDrained += drained.HasExited ? 0 : 1;
        }

        Assert.True(whileItDrained >= 2, "the drain ended before anything was put");
        Assert.All(blocks.Skip(1), block => Assert.NotEqual(kept[0].Home, block.Home));
        await drained.WaitForExitAsync(Limit);
        foreach (var block in blocks)
        {
            await using var lease = await silos.Air.Blocks.GetAsync(block).WaitAsync(Limit);
            Assert.True(SeededRows.AreWhole(lease.Batch));
        }
    }

    private static SiloProcess HomeOf(SiloProcesses silos, BlockRef block) =>
        silos.At(SiloAddress.FromParsableString(block.Home).Endpoint.Port);

    private static async Task ClosedAsync(SiloProcesses silos, string home)
    {
        using var limit = new CancellationTokenSource(Limit);
        while (!(await silos.Air.Silos.ListAsync(limit.Token)).Any(silo => silo.Address == home && silo.IsDraining))
        {
            limit.Token.ThrowIfCancellationRequested();
        }
    }

    /// <summary>Another client, which put a block and was killed: it has been silent too long when that is gone.</summary>
    private static async Task BeyondSilenceAsync(SiloProcesses silos)
    {
        await using var client = BlockProcess.Start("put-blocks", silos.Cluster, "1");
        var block = BlockText.Read(silos.Air, await client.LineAsync());
        client.Kill();
        using var limit = new CancellationTokenSource(Limit);
        while ((await silos.Air.Blocks.LocationsAsync(block, limit.Token)).Count > 0)
        {
            limit.Token.ThrowIfCancellationRequested();
        }
    }

    private Task<SiloProcesses> StartAsync() =>
        SiloProcesses.StartAsync(
            $"file:{Path.Combine(_folder.Path, "cluster")}",
            2,
            arguments:
            [
                "--block-memory",
                "64MB",
                "--block-folder",
                Path.Combine(_folder.Path, "memory"),
                "--spill-folder",
                Path.Combine(_folder.Path, "spill"),
            ]
        );
}
