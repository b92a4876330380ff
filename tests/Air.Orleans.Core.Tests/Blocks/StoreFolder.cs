using Air.Orleans.Core.Blocks;
using Microsoft.Extensions.Logging.Abstractions;

namespace Air.Orleans.Core.Tests.Blocks;

/// <summary>Stores in folders of a test's own, as those of the silos of one host.</summary>
internal sealed class StoreFolder : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("air-blocks-").FullName;
    private readonly List<BlockStore> _stores = [];

    public BlockThreads Threads { get; } = new(TimeProvider.System);

    public string Memory => Path.Combine(_root, "memory", "cluster");

    public string Spill => Path.Combine(_root, "spill", "cluster");

    public BlockStore Store(long budgetBytes, string? memory = null, string? spill = null, TimeProvider? time = null)
    {
        var store = new BlockStore(
            memory ?? Memory,
            spill ?? Spill,
            budgetBytes,
            Threads,
            time ?? TimeProvider.System,
            NullLogger<BlockStore>.Instance
        );
        _stores.Add(store);
        return store;
    }

    /// <summary>A batch of that many rows, whose content the seed gives.</summary>
    public static RecordBatch Batch(int seed, int rows = 1000)
    {
        var random = new Random(seed);
        var numbers = new double[rows];
        for (var i = 0; i < rows; i++)
        {
            numbers[i] = random.NextDouble();
        }

        return new RecordBatch.Builder()
            .Append("x", nullable: false, new DoubleArray.Builder().AppendRange(numbers).Build())
            .Append(
                "seed",
                nullable: false,
                new Int32Array.Builder().AppendRange(Enumerable.Repeat(seed, rows)).Build()
            )
            .Build();
    }

    /// <summary>The bytes that <see cref="Batch"/> takes in a store.</summary>
    public static long BlockBytes(int rows = 1000)
    {
        var (length, pad) = BlockStream.Measure(Batch(0, rows));
        return (64 + pad + length + 63) / 64 * 64;
    }

    public void Dispose()
    {
        _stores.ForEach(static store => store.Dispose());
        Threads.Dispose();
        Directory.Delete(_root, recursive: true);
    }
}
