using Air.Orleans.Core;
using Air.Orleans.Tests;

namespace Air.Orleans.Cluster.Tests.Blocks;

/// <summary>What becomes of blocks when processes are killed.</summary>
public sealed class BlockFaultTests : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    private readonly TemporaryFolder _folder = new();

    private string Memory => Path.Combine(_folder.Path, "memory");

    private string Spill => Path.Combine(_folder.Path, "spill");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Put_ByAClientThatIsKilled_FreesItsBlocksAndNoOthers()
    {
        await using var silos = await StartAsync(1);
        await using var client = BlockProcess.Start("put-blocks", silos.Cluster, "3");
        var blocks = new List<BlockRef>();
        for (var i = 0; i < 3; i++)
        {
            blocks.Add(BlockText.Read(silos.Air, await client.LineAsync()));
        }

        await using var hold = await silos.Air.Blocks.HoldAsync(blocks[1]);
        client.Kill();
        await GoneAsync(silos.Air, blocks[0]);
        await GoneAsync(silos.Air, blocks[2]);

        await using var lease = await silos.Air.Blocks.GetAsync(blocks[1]);
        Assert.True(SeededRows.AreWhole(lease.Batch));
    }

    [Fact]
    public async Task Get_ByAnotherProcessOfTheHost_ReadsTheMemoryThatTheFirstWrote()
    {
        await using var silos = await StartAsync(2);
        await using var client = BlockProcess.Start("put-blocks", silos.Cluster, "4");
        for (var i = 1; i <= 4; i++)
        {
            var block = BlockText.Read(silos.Air, await client.LineAsync());
            await using var first = await silos.Air.Blocks.GetAsync(block);
            await using var second = await silos.Air.Blocks.GetAsync(block);

            Assert.True(SeededRows.AreWhole(first.Batch));
            Assert.True(first.Content.Span.Overlaps(second.Content.Span));
        }
    }

    [Fact]
    public async Task Lease_WhenTheOwnerIsKilled_StaysWhatItWas()
    {
        await using var silos = await StartAsync(2);
        var block = await silos.Air.Blocks.PutAsync(SeededRows.Of(7, 100_000));
        await using var lease = await silos.Air.Blocks.GetAsync(block);

        await KillHomeAsync(silos, block);

        Assert.True(SeededRows.AreWhole(lease.Batch));
        await silos.RestartAsync(silos.All.Single(static silo => silo.HasExited));
        Assert.True(SeededRows.AreWhole(lease.Batch));
    }

    [Fact]
    public async Task Get_WhenTheHomeIsKilledAfterABroadcast_ReadsTheCopy()
    {
        await using var silos = await StartAsync(3);
        var block = await silos.Air.Blocks.PutAsync(SeededRows.Of(8, 50_000));
        Assert.Equal(3, (await silos.Air.Blocks.BroadcastAsync(block)).Count);

        await KillHomeAsync(silos, block);

        await using var lease = await silos.Air.Blocks.GetAsync(block).WaitAsync(Limit);
        Assert.True(SeededRows.AreWhole(lease.Batch));
    }

    [Fact]
    public async Task Start_AfterAllWereKilledWhileBlocksWerePutAndSpilled_LeavesNothingOfTheDead()
    {
        await using var silos = await StartAsync(2, memory: "4MB");
        var putting = PutUntilLostAsync(silos.Air);
        await SpilledAsync(silos.Air);

        await silos.KillAllAsync();
        await silos.Air.DisposeAsync();
        await putting;
        await silos.StartAllAsync(1);
        await using var air = await silos.ConnectAsync();
        await air.Blocks.PutAsync(SeededRows.Of(1, 100));

        Assert.Single(Directory.GetFiles(Memory, "*.segment", SearchOption.AllDirectories));
        Assert.False(Directory.Exists(Spill) && Directory.GetFiles(Spill, "*", SearchOption.AllDirectories).Length > 0);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Readers_WhileBlocksAreFreedAndTheirSpaceIsUsedAgain_NeverSeeOtherRows(int seed)
    {
        await using var silos = await StartAsync(1, memory: "8MB");
        var list = Path.Combine(_folder.Path, "names");
        var readers = Enumerable
            .Range(0, 3)
            .Select(index => BlockProcess.Start("read-blocks", silos.Cluster, list, $"{(seed * 100) + index}"))
            .ToList();
        try
        {
            foreach (var reader in readers)
            {
                Assert.Equal("reads", await reader.LineAsync());
            }

            var random = new Random(seed);
            var blocks = new List<BlockRef>();
            for (var step = 0; step < 1_500; step++)
            {
                blocks.Add(await silos.Air.Blocks.PutAsync(SeededRows.Of(step + 1, random.Next(1, 40_000))));
                if (blocks.Count > 12)
                {
                    var index = random.Next(blocks.Count);
                    await silos.Air.Blocks.FreeAsync(blocks[index]);
                    blocks.RemoveAt(index);
                }

                await File.WriteAllLinesAsync(list + ".new", blocks.Select(block => BlockText.Of(silos.Air, block)));
                File.Move(list + ".new", list, overwrite: true);
                if (step == 500)
                {
                    // In the middle of a read, as likely as not.
                    readers[2].Kill();
                }
            }

            foreach (var reader in readers.Take(2))
            {
                reader.Finish();
                var counts = (await reader.LineAsync()).Split(' ').Select(int.Parse).ToList();
                Assert.True(counts[0] > 100, $"{counts[0]} reads are too few to say anything");
                Assert.Equal(0, counts[2]);
            }
        }
        finally
        {
            foreach (var reader in readers)
            {
                await reader.DisposeAsync();
            }
        }
    }

    private Task<SiloProcesses> StartAsync(int count, string memory = "64MB") =>
        SiloProcesses.StartAsync(
            $"file:{Path.Combine(_folder.Path, "cluster")}",
            count,
            arguments: ["--block-memory", memory, "--block-folder", Memory, "--spill-folder", Spill]
        );

    private static async Task KillHomeAsync(SiloProcesses silos, BlockRef block)
    {
        var home = silos.At(SiloAddress.FromParsableString(block.Home).Endpoint.Port);
        home.Kill();
        await home.WaitForExitAsync(Limit);
    }

    private static async Task GoneAsync(AirCluster air, BlockRef block)
    {
        using var limit = new CancellationTokenSource(Limit);
        while ((await air.Blocks.LocationsAsync(block, limit.Token)).Count > 0)
        {
            limit.Token.ThrowIfCancellationRequested();
        }
    }

    private static async Task SpilledAsync(AirCluster air)
    {
        using var limit = new CancellationTokenSource(Limit);
        while ((await air.Blocks.DescribeAsync(limit.Token)).Sum(static silo => silo.Spills) < 10)
        {
            limit.Token.ThrowIfCancellationRequested();
        }
    }

    /// <summary>Puts and reads until there is no silo any more; what it reads meanwhile must be right.</summary>
    private static async Task PutUntilLostAsync(AirCluster air)
    {
        var blocks = new List<BlockRef>();
        var random = new Random(3);
        try
        {
            while (true)
            {
                blocks.Add(await air.Blocks.PutAsync(SeededRows.Of(blocks.Count + 1, 20_000)));
                await using var lease = await air.Blocks.GetAsync(blocks[random.Next(blocks.Count)]);
                Assert.True(SeededRows.AreWhole(lease.Batch));
            }
        }
        catch (Exception error) when (error is not Xunit.Sdk.XunitException)
        {
            // The silos are gone, or the client is.
        }
    }
}
