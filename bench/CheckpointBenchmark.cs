using System.Diagnostics;
using Air.Orleans.Core;
using Air.Orleans.Core.Checkpoints;

namespace Air.Orleans.Benchmarks;

/// <summary>A checkpoint of 1 GB into the embedded file storage, and a plain write of the same bytes to one file with fsync.</summary>
internal static class CheckpointBenchmark
{
    private const int Files = 4;
    private const int FileBytes = 256 << 20;
    private const int Rounds = 5;

    public static async Task RunAsync()
    {
        var folder = Report.Folder();
        await using var air = await AirCluster.StartLocalAsync(
            new() { StorageFolder = Path.Combine(folder, "storage"), HttpPort = null }
        );
        var store = air.Services.GetRequiredService<CheckpointStore>();
        byte[][] contents = [.. Enumerable.Range(0, Files).Select(Noise)];
        var (plain, memory, stream, read) = (
            new List<double>(),
            new List<double>(),
            new List<double>(),
            new List<double>()
        );
        var peak = 0L;
        for (var round = 0; round <= Rounds; round++)
        {
            var first = Timed(() => WritePlain(Path.Combine(folder, "plain"), contents));
            File.Delete(Path.Combine(folder, "plain"));
            using var watch = new MemoryWatch();
            var second = await CommitAsync(air, store, $"memory-{round}", InMemory(contents));
            var third = await CommitAsync(air, store, $"stream-{round}", FromStreams(contents));
            peak = Math.Max(peak, watch.Stop());
            if (round > 0)
            {
                plain.Add(first);
                memory.Add(second.Write);
                stream.Add(third.Write);
                read.Add(second.Read);
            }
        }

        Report.Head("checkpoint");
        Console.WriteLine(
            $"{Files} files of {FileBytes >> 20} MB, fsync included; medians of {Rounds} rounds, in turns."
        );
        Console.WriteLine();
        Console.WriteLine("| | s | MB/s | of the plain write |");
        Console.WriteLine("|---|---|---|---|");
        Print("plain sequential write, one file, one fsync", plain);
        Print("checkpoint, files in memory", memory);
        Print("checkpoint, files from streams", stream);
        Print("checkpoint, all shards read and checked", read);
        Console.WriteLine();
        Console.WriteLine($"Peak memory above the data, during both kinds of commit and the check: {peak >> 20} MB.");
        Directory.Delete(folder, recursive: true);

        void Print(string what, List<double> seconds) =>
            Console.WriteLine(
                $"| {what} | {Report.Median(seconds):F2} | {Files * (FileBytes >> 20) / Report.Median(seconds):F0} | "
                    + $"{Report.Median(plain) / Report.Median(seconds):F2} |"
            );
    }

    private static async Task<(double Write, double Read)> CommitAsync(
        AirCluster air,
        CheckpointStore store,
        string name,
        CheckpointContent content
    )
    {
        var draft = new CheckpointManifest { Id = $"bench/{name}" };
        var watch = Stopwatch.StartNew();
        var manifest = await store.CommitAsync(draft, content);
        var write = watch.Elapsed.TotalSeconds;
        watch.Restart();
        await store.VerifyAsync(manifest);
        var read = watch.Elapsed.TotalSeconds;
        await air.Checkpoints.DeleteAsync(manifest.Id);
        return (write, read);
    }

    private static CheckpointContent InMemory(byte[][] contents) =>
        contents
            .Index()
            .Aggregate(new CheckpointContent(), static (all, file) => all.With($"f{file.Index}", file.Item));

    private static CheckpointContent FromStreams(byte[][] contents) =>
        contents
            .Index()
            .Aggregate(
                new CheckpointContent(),
                static (all, file) => all.With($"f{file.Index}", FileBytes, () => new MemoryStream(file.Item))
            );

    private static double Timed(Action work)
    {
        var watch = Stopwatch.StartNew();
        work();
        return watch.Elapsed.TotalSeconds;
    }

    private static void WritePlain(string path, byte[][] contents)
    {
        using var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        foreach (var content in contents)
        {
            file.Write(content);
        }

        file.Flush(flushToDisk: true);
    }

    private static byte[] Noise(int seed)
    {
        var bytes = GC.AllocateUninitializedArray<byte>(FileBytes);
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    /// <summary>The greatest working set of the process above that at the beginning, looked at every few milliseconds.</summary>
    private sealed class MemoryWatch : IDisposable
    {
        private readonly long _start;
        private readonly ManualResetEventSlim _stop = new();
        private readonly Thread _thread;
        private long _peak;

        public MemoryWatch()
        {
            GC.Collect();
            _start = Environment.WorkingSet;
            _thread = new Thread(Look) { IsBackground = true };
            _thread.Start();
        }

        public long Stop()
        {
            _stop.Set();
            _thread.Join();
            return Math.Max(0, _peak - _start);
        }

        public void Dispose() => _stop.Dispose();

        private void Look()
        {
            do
            {
                _peak = Math.Max(_peak, Environment.WorkingSet);
            } while (!_stop.Wait(TimeSpan.FromMilliseconds(5)));
        }
    }
}
