using System.Diagnostics;
using Air.Orleans.Core.Checkpoints.Control;
using Air.Orleans.Core.Checkpoints.Grains;
using Air.Orleans.Tests;

namespace Air.Orleans.Core.Tests.Checkpoints;

/// <summary>Kills processes that write checkpoints.</summary>
public sealed class CheckpointKillTests : IDisposable
{
    private const int Kills = 50;
    private const int Seed = 20;
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Write_KilledFiftyTimesAtRandomPoints_TheLatestIsAlwaysWhole()
    {
        var random = new Random(Seed);
        var (writes, wrote) = (0, 0);
        using var killing = new CancellationTokenSource(Limit * 5);
        var next = Start();
        try
        {
            for (var kill = 0; kill < Kills; kill++)
            {
                using var writer = next;
                await ExpectAsync(writer, "ready", killing.Token);
                next = Start();
                await writer.StandardInput.WriteLineAsync("go");
                var latest = await ExpectAsync(writer, "checked", killing.Token);
                Assert.True(latest >= wrote, $"Kill {kill}: {wrote} was committed, and the latest is {latest}.");
                Assert.True(latest <= writes, $"Kill {kill}: {writes} was begun last, and the latest is {latest}.");

                for (var whole = random.Next(3); whole > 0; whole--)
                {
                    wrote = await ExpectAsync(writer, "wrote", killing.Token);
                }

                writes = await ExpectAsync(writer, "writes", killing.Token);
                Spin(TimeSpan.FromMilliseconds(random.NextDouble() * 12));
                writer.Kill();
                await writer.WaitForExitAsync(killing.Token);
                (writes, wrote) = await RestAsync(writer, writes, wrote, killing.Token);
            }
        }
        finally
        {
            next.Kill();
            next.Dispose();
        }

        await using var air = await AirCluster.StartLocalAsync(
            new AirOptions { StorageFolder = _folder.Path, HttpPort = null }
        );
        Assert.InRange(await CheckpointWriterProcess.CheckAllAsync(air), wrote, writes);
        await AssertNothingIsLeftOverAsync(air);
    }

    /// <summary>Two epochs later, what killed writers had begun is gone.</summary>
    private async Task AssertNothingIsLeftOverAsync(AirCluster air)
    {
        var book = air
            .Services.GetRequiredService<IGrainFactory>()
            .GetGrain<IRunCheckpointsGrain>(CheckpointWriterProcess.Run);
        var epoch = await book.EpochAsync();
        await book.BeginEpochAsync(epoch + 1, new CheckpointRules());
        await book.BeginEpochAsync(epoch + 2, new CheckpointRules());

        var kept = (await air.Checkpoints.ListAsync(CheckpointWriterProcess.Run)).Sum(static checkpoint =>
            checkpoint.Manifest.Files.Sum(static file => file.Shards.Count)
        );
        var shards = Path.Combine(_folder.Path, "state", "air.checkpoint.shard");
        Assert.Equal(kept, Directory.GetFiles(shards, "*", SearchOption.AllDirectories).Length);
    }

    private Process Start()
    {
        var start = new ProcessStartInfo("dotnet")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            ArgumentList = { typeof(CheckpointWriterProcess).Assembly.Location, "write-checkpoints", _folder.Path },
        };
        start.Environment["DOTNET_TieredPGO"] = "0";
        return Process.Start(start)!;
    }

    /// <summary>Reads to a line that begins with the word, and gives the number after it.</summary>
    private static async Task<int> ExpectAsync(Process writer, string word, CancellationToken cancellationToken)
    {
        while (await writer.StandardOutput.ReadLineAsync(cancellationToken) is { } line)
        {
            if (line.StartsWith($"{word} ", StringComparison.Ordinal) || line == word)
            {
                return line == word ? 0 : int.Parse(line.AsSpan(word.Length));
            }
        }

        throw new EndOfStreamException($"The writer ended before it said '{word}'; its checkpoints may be broken.");
    }

    /// <summary>What the writer said before it was killed.</summary>
    private static async Task<(int Writes, int Wrote)> RestAsync(
        Process writer,
        int writes,
        int wrote,
        CancellationToken cancellationToken
    )
    {
        while (await writer.StandardOutput.ReadLineAsync(cancellationToken) is { } line)
        {
            if (line.Split(' ') is [var word, var number] && int.TryParse(number, out var iteration))
            {
                writes = word == "writes" ? iteration : writes;
                wrote = word == "wrote" ? iteration : wrote;
            }
        }

        return (writes, wrote);
    }

    private static void Spin(TimeSpan time)
    {
        var watch = Stopwatch.StartNew();
        SpinWait.SpinUntil(() => watch.Elapsed >= time);
    }
}
