using Air.Orleans.Core;

namespace Air.Orleans.Cluster.Tests.Blocks;

/// <summary>What a process does that puts blocks: it says their names, and holds them until its input ends.</summary>
internal static class BlockPutter
{
    public static async Task RunAsync(string cluster, int count)
    {
        await using var air = await AirCluster.ConnectAsync(cluster, timeout: SiloProcess.StartLimit);
        for (var i = 1; i <= count; i++)
        {
            var block = await air.Blocks.PutAsync(SeededRows.Of(i, 5000));
            await Console.Out.WriteLineAsync(BlockText.Of(air, block));
        }

        await Console.In.ReadToEndAsync();
    }
}
