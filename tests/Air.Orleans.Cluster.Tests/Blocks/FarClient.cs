using System.Diagnostics.Metrics;
using System.Globalization;
using Air.Orleans.Core;

namespace Air.Orleans.Cluster.Tests.Blocks;

/// <summary>
/// What a client does that takes no silo to be on its host, so that its blocks go over the wire: "put SEED ROWS" and "get NAME" on its input
/// are answered by a line each. "pause NAME" gets too, and stops in the middle of what comes, until the next line.
/// </summary>
internal sealed class FarClient(AirCluster air, TextReader input) : IDisposable
{
    private const string Moved = "air.core.transfer.bytes";

    private readonly ManualResetEventSlim _goes = new(initialState: true);
    private readonly MeterListener _meter = new();
    private long _bytes;

    /// <summary>Starts one in a process of its own.</summary>
    public static BlockProcess Start(string cluster) =>
        BlockProcess.Start(
            new Dictionary<string, string> { ["AIR_BLOCK_FOLDER"] = "/another-host" },
            "far-blocks",
            cluster
        );

    public static async Task RunAsync(string cluster)
    {
        await using var air = await AirCluster.ConnectAsync(cluster, timeout: SiloProcess.StartLimit);
        // Not Console.In, which would wait here.
        using var input = new StreamReader(Console.OpenStandardInput());
        using var client = new FarClient(air, input);
        await client.AnswerAsync();
    }

    public void Dispose()
    {
        _meter.Dispose();
        _goes.Dispose();
    }

    private async Task AnswerAsync()
    {
        _meter.InstrumentPublished = static (instrument, listener) =>
        {
            if (instrument.Name == Moved)
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _meter.SetMeasurementEventCallback<long>((_, bytes, _, _) => Note(bytes));
        _meter.Start();
        while (await input.ReadLineAsync() is { } line)
        {
            _bytes = 0;
            string answer;
            try
            {
                answer = await AnswerAsync(line.Split(' '));
            }
            catch (AirException error)
            {
                answer = $"{error.GetType().Name}: {error.Message}".ReplaceLineEndings(" ");
            }

            await Console.Out.WriteLineAsync(answer);
        }
    }

    private async Task<string> AnswerAsync(string[] words)
    {
        switch (words)
        {
            case ["put", var seed, var rows]:
                var batch = SeededRows.Of(
                    long.Parse(seed, CultureInfo.InvariantCulture),
                    int.Parse(rows, CultureInfo.InvariantCulture)
                );
                return $"{BlockText.Of(air, await air.Blocks.PutAsync(batch))} {_bytes}";
            case ["get", var name]:
                return await GetAsync(name);
            case ["pause", var name]:
                _goes.Reset();
                var getting = GetAsync(name);
                await input.ReadLineAsync();
                _goes.Set();
                return await getting;
            default:
                throw new InvalidOperationException($"'{string.Join(' ', words)}' is not known.");
        }
    }

    private async Task<string> GetAsync(string name)
    {
        await using var lease = await air.Blocks.GetAsync(BlockText.Read(air, name));
        return $"{(SeededRows.AreWhole(lease.Batch) ? "whole" : "wrong")} {_bytes}";
    }

    /// <summary>On the thread that receives, which so receives no more while it waits here.</summary>
    private void Note(long bytes)
    {
        if (Interlocked.Add(ref _bytes, bytes) == bytes && !_goes.IsSet)
        {
            Console.Out.WriteLine("paused");
        }

        _goes.Wait();
    }
}
