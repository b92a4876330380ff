using System.Globalization;
using Air.Orleans.Core;
using Air.Orleans.Tests;

namespace Air.Orleans.Cluster.Tests.Blocks;

/// <summary>Blocks of clients that are on no silo's host.</summary>
public sealed class FarClientTests : IDisposable
{
    private const int Rows = 5_000_000;

    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task PutAndGet_ByAClientOfAnotherHost_GoOverTheWire()
    {
        await using var silos = await StartAsync(1);
        await using var far = FarClient.Start(silos.Cluster);

        far.Say("put 5 100000");
        var put = (await far.LineAsync()).Split(' ');
        await using (var lease = await silos.Air.Blocks.GetAsync(BlockText.Read(silos.Air, put[0])))
        {
            Assert.Equal(100_000, lease.Batch.Length);
            Assert.True(SeededRows.AreWhole(lease.Batch));
        }

        var near = await silos.Air.Blocks.PutAsync(SeededRows.Of(6, 100_000));
        far.Say($"get {BlockText.Of(silos.Air, near)}");
        var got = (await far.LineAsync()).Split(' ');

        Assert.Equal("whole", got[0]);
        Assert.All(
            [put[1], got[1]],
            static bytes => Assert.True(long.Parse(bytes, CultureInfo.InvariantCulture) >= 800_000)
        );
    }

    [Fact]
    public async Task Put_ByAClientOfAnotherHostToASiloThatIsFull_HearsWhatIsFullAndWhatToDo()
    {
        await using var silos = await StartAsync(1, memory: "4MB");
        await using var far = FarClient.Start(silos.Cluster);
        var leases = new List<BlockLease>();
        for (var i = 0; i < 4; i++)
        {
            leases.Add(await silos.Air.Blocks.GetAsync(await silos.Air.Blocks.PutAsync(SeededRows.Of(i + 1, 110_000))));
        }

        far.Say("put 5 200000");
        var refused = await far.LineAsync();
        leases.ForEach(static lease => lease.Dispose());
        far.Say("put 6 200000");
        var taken = BlockText.Read(silos.Air, (await far.LineAsync()).Split(' ')[0]);

        Assert.StartsWith("BlockSpaceException: The silo at 127.0.0.1:", refused, StringComparison.Ordinal);
        Assert.Contains("the budget for blocks is", refused, StringComparison.Ordinal);
        Assert.Contains("Dispose leases that are not needed", refused, StringComparison.Ordinal);
        await using var lease = await silos.Air.Blocks.GetAsync(taken);
        Assert.True(SeededRows.AreWhole(lease.Batch));
    }

    [Fact]
    public async Task Get_WhenTheHomeIsKilledInTheMiddle_ReadsTheSecondCopy()
    {
        await using var silos = await StartAsync(2);
        await using var far = FarClient.Start(silos.Cluster);
        var block = await silos.Air.Blocks.PutAsync(SeededRows.Of(7, Rows));
        Assert.Equal(2, (await silos.Air.Blocks.BroadcastAsync(block)).Count);

        var got = await GetAcrossAKillAsync(silos, far, block);

        Assert.StartsWith("whole ", got, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Get_WhenTheHomeIsKilledInTheMiddleAndNoCopyIsLeft_SaysWhy()
    {
        await using var silos = await StartAsync(2);
        await using var far = FarClient.Start(silos.Cluster);
        var block = await silos.Air.Blocks.PutAsync(SeededRows.Of(7, Rows));

        var got = await GetAcrossAKillAsync(silos, far, block);

        Assert.StartsWith("BlockLostException: ", got, StringComparison.Ordinal);
        Assert.Contains("is on no silo any more", got, StringComparison.Ordinal);
        Assert.Contains($"could not be had from silo {block.Home}", got, StringComparison.Ordinal);
    }

    private static async Task<string> GetAcrossAKillAsync(SiloProcesses silos, BlockProcess far, BlockRef block)
    {
        far.Say($"pause {BlockText.Of(silos.Air, block)}");
        Assert.Equal("paused", await far.LineAsync());
        var home = silos.At(SiloAddress.FromParsableString(block.Home).Endpoint.Port);
        home.Kill();
        await home.WaitForExitAsync(Limit);
        far.Say("go");
        return await far.LineAsync();
    }

    private Task<SiloProcesses> StartAsync(int count, string memory = "200MB") =>
        SiloProcesses.StartAsync(
            $"file:{Path.Combine(_folder.Path, "cluster")}",
            count,
            arguments:
            [
                "--block-memory",
                memory,
                "--block-folder",
                Path.Combine(_folder.Path, "memory"),
                "--spill-folder",
                Path.Combine(_folder.Path, "spill"),
            ]
        );
}
