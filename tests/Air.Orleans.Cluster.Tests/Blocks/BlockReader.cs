using Air.Orleans.Core;

namespace Air.Orleans.Cluster.Tests.Blocks;

/// <summary>
/// What a process does that reads blocks while others put and free them: it takes names at random from a list that is written anew all the
/// time, reads the rows, reads them once more, and says at the end of its input how many it read whole, how many were gone, and how many were wrong.
/// </summary>
internal static class BlockReader
{
    public static async Task RunAsync(string cluster, string list, int seed)
    {
        var random = new Random(seed);
        await using var air = await AirCluster.ConnectAsync(cluster, timeout: SiloProcess.StartLimit);
        // Not Console.In, which would wait here.
        using var input = new StreamReader(Console.OpenStandardInput());
        var ending = input.ReadToEndAsync();
        var (whole, gone, wrong) = (0, 0, 0);
        await Console.Out.WriteLineAsync("reads");
        while (!ending.IsCompleted)
        {
            var names = File.Exists(list) ? await File.ReadAllLinesAsync(list) : [];
            if (names.Length == 0)
            {
                continue;
            }

            try
            {
                var block = BlockText.Read(air, names[random.Next(names.Length)]);
                await using var lease = await air.Blocks.GetAsync(block);
                for (var look = random.Next(1, 4); look > 0; look--)
                {
                    if (lease.Batch.Length == block.Rows && SeededRows.AreWhole(lease.Batch))
                    {
                        whole++;
                    }
                    else
                    {
                        wrong++;
                    }
                }
            }
            catch (BlockLostException)
            {
                gone++;
            }
        }

        await Console.Out.WriteLineAsync($"{whole} {gone} {wrong}");
    }
}
