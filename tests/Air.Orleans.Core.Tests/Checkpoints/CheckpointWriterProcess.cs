using Air.Orleans.Core.Checkpoints;
using Air.Orleans.Core.Checkpoints.Control;

namespace Air.Orleans.Core.Tests.Checkpoints;

/// <summary>
/// The killed end of <see cref="CheckpointKillTests"/>. Says "ready"; told to go, it checks all checkpoints that there are and says what
/// the latest is, then writes one after another and says so before and after each.
/// </summary>
internal static class CheckpointWriterProcess
{
    public const string Run = "run";

    public static async Task RunAsync(string folder)
    {
        await using var air = await AirCluster.StartLocalAsync(
            new AirOptions { StorageFolder = folder, HttpPort = null }
        );
        Console.WriteLine("ready");
        if (Console.ReadLine() is null)
        {
            return;
        }

        var latest = await CheckAllAsync(air);
        Console.WriteLine($"checked {latest}");
        var store = air.Services.GetRequiredService<CheckpointStore>();
        var book = store.BookOf(Run);
        var epoch = await book.EpochAsync() + 1;
        await book.BeginEpochAsync(epoch, new CheckpointRules(KeepLast: 3));
        for (var iteration = latest + 1; ; iteration++)
        {
            Console.WriteLine($"writes {iteration}");
            var draft = new CheckpointManifest
            {
                Id = $"{Run}/{epoch}-{iteration}",
                Epoch = epoch,
                Iteration = iteration,
            };
            await store.CommitAsync(draft, Content(iteration));
            Console.WriteLine($"wrote {iteration}");
        }
    }

    /// <summary>Checks every checkpoint by its hashes and by what it must hold; gives the iteration of the latest, or 0.</summary>
    public static async Task<int> CheckAllAsync(IAirCluster air)
    {
        var all = await air.Checkpoints.ListAsync(Run);
        foreach (var checkpoint in all)
        {
            var content = await checkpoint.ReadAsync();
            var expected = Content(checkpoint.Manifest.Iteration);
            foreach (var name in expected.Names)
            {
                if (!content.Read(name).Span.SequenceEqual(expected.Read(name).Span))
                {
                    throw new InvalidDataException($"'{name}' of '{checkpoint.Id}' is not what was written.");
                }
            }
        }

        return all.Count == 0 ? 0 : all[^1].Manifest.Iteration;
    }

    private static CheckpointContent Content(int iteration)
    {
        var content = new CheckpointContent();
        foreach (var file in (string[])["model", "optimizer", "sampler"])
        {
            var bytes = new byte[200_000 + iteration];
            new Random(iteration).NextBytes(bytes);
            content.With(file, bytes);
        }

        return content;
    }
}
