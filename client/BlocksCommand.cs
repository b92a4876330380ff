using System.CommandLine;
using Air.Orleans.Core;

namespace Air.Orleans.CommandLine;

/// <summary><c>air blocks</c>: the memory for blocks of each silo.</summary>
internal static class BlocksCommand
{
    public static Command Create() =>
        new AskCommand(
            "blocks",
            "The memory for blocks of each silo: used, pinned, spilled, and who waits for room and why",
            static async (call, cancellationToken) =>
                call.Print(await call.Air.Blocks.DescribeAsync(cancellationToken), Print)
        );

    private static void Print(IReadOnlyList<BlockStoreReport> silos)
    {
        Tables.Print(
            "Blocks",
            silos,
            "no silos",
            ("silo", static silo => silo.Silo),
            ("host", static silo => silo.Host),
            ("blocks", static silo => $"{silo.Count}"),
            ("used", static silo => Tables.Bytes(silo.UsedBytes)),
            ("budget", static silo => Tables.Bytes(silo.BudgetBytes)),
            ("pinned", static silo => Tables.Bytes(silo.PinnedBytes)),
            ("spilled", static silo => $"{Tables.Bytes(silo.SpilledBytes)} in {silo.SpilledCount}"),
            ("folder", static silo => silo.Folder)
        );
        foreach (var silo in silos)
        {
            foreach (var waiting in silo.Waiting)
            {
                Console.Out.WriteLine($"{silo.Silo} waits for room: {waiting}");
            }
        }
    }
}
