using System.Diagnostics;
using System.IO.MemoryMappedFiles;
using System.Runtime.InteropServices;
using Air.Orleans.Core;
using Air.Orleans.Core.Blocks;
using Apache.Arrow;
using Orleans.Serialization;

namespace Air.Orleans.Benchmarks;

/// <summary>
/// Blocks between two processes of a host: a silo here, and a client in a process of its own that reads 512 MB, against the same loop over a mapping that
/// it keeps open, and puts and gets blocks of 1 MB; and the memory that a million small blocks take in a store.
/// </summary>
internal static class BlocksBenchmark
{
    public const string FarVerb = "blocks-client";

    private const int LargeBytes = 512 << 20;
    private const int Rounds = 11;
    private const int Small = 1_000_000;

    public static async Task RunAsync()
    {
        var folder = Report.Folder();
        var cluster = ClusterUri.OfFolder(Path.Combine(folder, "cluster"));
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.UseOrleans(silo =>
            silo.UseAirCluster(cluster)
                .AddAir(
                    new AirOptions
                    {
                        StorageFolder = Path.Combine(folder, "storage"),
                        BlockMemoryBytes = 2L << 30,
                        HttpPort = null,
                    }
                )
        );
        using var host = builder.Build();
        await host.StartAsync();
        Report.Head("blocks");
        Console.WriteLine("| | median | |");
        Console.WriteLine("|---|---|---|");
        var air = (IAirCluster)new Here(host.Services);
        var block = await air.Blocks.PutAsync(Batch(LargeBytes));
        var name = Convert.ToBase64String(host.Services.GetRequiredService<Serializer>().SerializeToArray(block));
        using (
            var far = Process.Start(
                "dotnet",
                [typeof(BlocksBenchmark).Assembly.Location, FarVerb, cluster.ToString(), name]
            )
        )
        {
            await far.WaitForExitAsync();
        }

        await air.Blocks.FreeAsync(block);
        MeasureSmall(host.Services.GetRequiredService<BlockStore>());
        await host.StopAsync();
        Directory.Delete(folder, recursive: true);
    }

    /// <summary>What the client's process does.</summary>
    public static async Task RunFarAsync(string cluster, string name)
    {
        await using var air = await AirCluster.ConnectAsync(cluster, timeout: TimeSpan.FromMinutes(1));
        var block = air
            .Services.GetRequiredService<Serializer>()
            .Deserialize<BlockRef>(Convert.FromBase64String(name))!;
        var first = await ReadAsync(air, block);
        using var open = new OpenMapping(LargeBytes);
        open.Sum();
        var (plain, ours) = (new List<double>(), new List<double>());
        for (var round = 0; round < Rounds; round++)
        {
            var began = Stopwatch.GetTimestamp();
            open.Sum();
            plain.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
            ours.Add(await ReadAsync(air, block));
        }

        Console.WriteLine($"| 512 MB, touched in a mapping kept open | {Report.Median(plain):0.0} ms | 1.00 |");
        Console.WriteLine(
            $"| 512 MB, GetAsync and touched | {Report.Median(ours):0.0} ms | {Report.Median(ours) / Report.Median(plain):0.00} |"
        );
        Console.WriteLine($"| the same for the first time, its pages new to the process | {first:0} ms | |");
        await PutAndGetAsync(air);
    }

    private static async Task PutAndGetAsync(IAirCluster air)
    {
        var batch = Batch(1 << 20);
        var (puts, gets) = (new List<double>(), new List<double>());
        var began = Stopwatch.GetTimestamp();
        for (var i = 0; i < 500; i++)
        {
            var at = Stopwatch.GetTimestamp();
            var block = await air.Blocks.PutAsync(batch);
            puts.Add(Stopwatch.GetElapsedTime(at).TotalMicroseconds);
            at = Stopwatch.GetTimestamp();
            await using (var lease = await air.Blocks.GetAsync(block))
            {
                _ = lease.Batch.Length;
            }

            gets.Add(Stopwatch.GetElapsedTime(at).TotalMicroseconds);
            await air.Blocks.FreeAsync(block);
        }

        var rate = 500 / Stopwatch.GetElapsedTime(began).TotalSeconds;
        Console.WriteLine($"| 1 MB, PutAsync from the client | {Report.Median(puts):0} µs | |");
        Console.WriteLine($"| 1 MB, GetAsync | {Report.Median(gets):0} µs | |");
        Console.WriteLine($"| 1 MB, put, get and free, one after the other | {rate:0} a second | |");
    }

    private static void MeasureSmall(BlockStore store)
    {
        var batch = Batch(64);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        for (var i = 0; i < Small; i++)
        {
            store.Put(Guid.NewGuid(), batch);
        }

        var each = (GC.GetTotalMemory(forceFullCollection: true) - before) / Small;
        Console.WriteLine(
            $"| {Small:N0} blocks of 8 rows known to a store | {each} B each on the heap | {store.UsedBytes / Small} B each in shared memory |"
        );
    }

    private static async Task<double> ReadAsync(IAirCluster air, BlockRef block)
    {
        var began = Stopwatch.GetTimestamp();
        await using var lease = await air.Blocks.GetAsync(block);
        Touched = Sum(((Int64Array)lease.Batch.Column(0)).Values);
        return Stopwatch.GetElapsedTime(began).TotalMilliseconds;
    }

    /// <summary>Kept, so that the loop is.</summary>
    private static long Touched { get; set; }

    private static long Sum(ReadOnlySpan<long> values)
    {
        var sum = 0L;
        foreach (var value in values)
        {
            sum += value;
        }

        return sum;
    }

    private static RecordBatch Batch(int bytes)
    {
        var values = new byte[bytes];
        MemoryMarshal.Cast<byte, long>(values.AsSpan()).Fill(3);
        var count = bytes / sizeof(long);
        var array = new Int64Array(new ArrowBuffer(values), ArrowBuffer.Empty, count, 0, 0);
        return new RecordBatch.Builder().Append("value", nullable: false, array).Build();
    }

    private sealed class Here(IServiceProvider services) : IAirCluster
    {
        public IServiceProvider Services => services;

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }

    private sealed unsafe class OpenMapping : IDisposable
    {
        private readonly string _path = Path.Combine("/dev/shm", $"air-bench-{Guid.NewGuid():N}");
        private readonly MemoryMappedFile _file;
        private readonly MemoryMappedViewAccessor _view;
        private readonly int _bytes;
        private readonly byte* _start;

        public OpenMapping(int bytes)
        {
            _bytes = bytes;
            _file = MemoryMappedFile.CreateFromFile(_path, FileMode.CreateNew, null, bytes);
            _view = _file.CreateViewAccessor();
            _view.SafeMemoryMappedViewHandle.AcquirePointer(ref _start);
            new Span<long>(_start, bytes / sizeof(long)).Fill(3);
        }

        public void Sum() => Touched = BlocksBenchmark.Sum(new ReadOnlySpan<long>(_start, _bytes / sizeof(long)));

        public void Dispose()
        {
            _view.SafeMemoryMappedViewHandle.ReleasePointer();
            _view.Dispose();
            _file.Dispose();
            File.Delete(_path);
        }
    }
}
