using System.Globalization;
using Air.Orleans.Data;
using Air.Orleans.Data.Control;
using Air.Orleans.Data.Grains;
using Air.Orleans.Data.Tests;
using Air.Orleans.Tests;
using Apache.Arrow;
using Microsoft.Extensions.DependencyInjection;

namespace Air.Orleans.Cluster.Tests;

/// <summary>Blocks whose silos are killed come back, and no more is computed for it than was lost.</summary>
public sealed class LineageTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(4);

    [Fact]
    public async Task Chain_ASiloKilled_LostBlocksAreComputedOnceUnderManyReadersAndTheOthersNotAgain()
    {
        using var folder = new TemporaryFolder();
        await using var silos = await SiloProcesses.StartInFolderAsync(folder.Path);
        var chain = new Chain(silos.Air, folder.Path);
        var before = await IdsAsync(chain.Leaf).WaitAsync(Limit);
        var places = await PlacesAsync(silos, chain.Leaf, blocks: 4);

        var victim = places.GroupBy(static place => place.Value).MaxBy(static silo => silo.Count())!.Key;
        victim.Kill();
        var after = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => IdsAsync(chain.Leaf))).WaitAsync(Limit);

        Assert.All(after, rows => Assert.Equal(before, rows));
        Assert.All(
            places,
            place =>
                Assert.Equal(
                    place.Value == victim ? 2 : 1,
                    chain.Log.Of("leaf", before[Chain.LeafBlockRows * place.Key])
                )
        );
        Assert.All(
            chain.Log.Of("first").Values.Concat(chain.Log.Of("second").Values),
            times => Assert.InRange(times, 1, 2)
        );
    }

    [Fact]
    public async Task Chain_EverySiloKilled_OneBlockTakesWithItWhatItComesFromAndNothingElse()
    {
        using var folder = new TemporaryFolder();
        await using var silos = await SiloProcesses.StartInFolderAsync(folder.Path, count: 2);
        var chain = new Chain(silos.Air, folder.Path);
        var before = await IdsAsync(chain.Leaf).WaitAsync(Limit);

        await silos.KillAllAsync();
        await silos.StartAllAsync(2);
        var first = await chain.Leaf.TakeAsync(1).WaitAsync(Limit);

        Assert.Equal(before[0], first[0].Get<long>("id"));
        // The leaf's first block, the one of the step before that it takes rows from, and of the shuffle all.
        Assert.Equal([1, 1, 1, 2], chain.Log.Of("leaf").Values.Order());
        Assert.Equal([1, 1, 1, 1, 2], chain.Log.Of("second").Values.Order());
        Assert.Equal([2, 2, 2, 2, 2, 2], chain.Log.Of("first").Values);

        var after = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => IdsAsync(chain.Leaf))).WaitAsync(Limit);

        Assert.All(after, rows => Assert.Equal(before, rows));
        Assert.Equal([2, 2, 2, 2], chain.Log.Of("leaf").Values);
        Assert.Equal([1, 2, 2, 2, 2], chain.Log.Of("second").Values.Order());
        Assert.Equal([2, 2, 2, 2, 2, 2], chain.Log.Of("first").Values);
    }

    [Fact]
    public async Task Block_EndsEverySiloThatComputesIt_FailsWithTheLimitAndTheCausesAndIsNotTriedByTheNext()
    {
        using var folder = new TemporaryFolder();
        await using var silos = await SiloProcesses.StartInFolderAsync(folder.Path);
        var log = new ComputationLog(Directory.CreateDirectory(Path.Combine(folder.Path, "log")).FullName);
        var (notes, spared) = (log.Folder, Path.Combine(folder.Path, "spared"));
        var dataset = silos
            .Air.Data.Range(2, blocks: 2)
            .MapBatches(batch =>
            {
                if (ComputationLog.FirstId(batch) == 0)
                {
                    return batch;
                }

                // The silo of the run would count anew elsewhere; there the block is lost in another way.
                ComputationLog.Note(notes, "poison", batch);
                if (File.ReadAllText(spared) == Environment.ProcessId.ToString(CultureInfo.InvariantCulture))
                {
                    throw new InsufficientMemoryException("broken by the test");
                }

                System.Diagnostics.Process.GetCurrentProcess().Kill();
                return batch;
            });
        await dataset.SchemaAsync().WaitAsync(Limit);
        var home = await silos.OfAsync(Grains(silos).GetGrain<IDatasetRunGrain>(dataset.Plan.NodeId));
        await File.WriteAllTextAsync(spared, home.ProcessId.ToString(CultureInfo.InvariantCulture));

        var error = await Assert.ThrowsAsync<DatasetException>(() => dataset.CountAsync().WaitAsync(Limit));
        var again = await Assert.ThrowsAsync<DatasetException>(() => dataset.CountAsync().WaitAsync(Limit));

        Assert.Contains($"was lost {Losses.Limit} times, which is the limit", error.Message, StringComparison.Ordinal);
        Assert.Contains($"{Losses.Limit}. ", error.Message, StringComparison.Ordinal);
        Assert.Equal(error.Message, again.Message);
        Assert.InRange(log.Of("poison", 1), 1, Losses.Limit);
        Assert.False(home.HasExited);
    }

    [Fact]
    public async Task Block_ItsSiloKilledWhileAnotherHasACopy_IsTakenFromThereAndNotComputed()
    {
        using var folder = new TemporaryFolder();
        // Each as on a host of its own: silos of one host read each other's memory and keep no copies.
        await using var silos = await SiloProcesses.StartAsync(
            $"file:{Path.Combine(folder.Path, "cluster")}",
            arguments: ["--block-folder", Path.Combine(folder.Path, "{silo}")]
        );
        var log = new ComputationLog(Directory.CreateDirectory(Path.Combine(folder.Path, "log")).FullName);
        var notes = log.Folder;
        var input = silos
            .Air.Data.Range(600, blocks: 6)
            .MapBatches(batch =>
            {
                ComputationLog.Note(notes, "input", batch);
                return batch;
            });
        var (train, _) = input.TrainTestSplit(0.2, seed: 5);
        var before = await IdsAsync(train).WaitAsync(Limit);
        var home = await silos.OfAsync(Grains(silos).GetGrain<IDatasetRunGrain>(input.Plan.NodeId));
        var inputs = await PlacesAsync(silos, input, blocks: 6);
        var readers = (await PlacesAsync(silos, train, blocks: 5)).Values.Distinct().ToList();

        // Every silo with a block of the split has read every block of the input.
        var victim = inputs.Values.First(silo => silo != home && readers.Exists(reader => reader != silo));
        victim.Kill();
        var after = await IdsAsync(input).WaitAsync(Limit);

        Assert.Equal(Enumerable.Range(0, 600).Select(static id => (long)id), after);
        Assert.All(log.Of("input").Values, static times => Assert.Equal(1, times));
        Assert.Equal(480, before.Count);
    }

    private static IGrainFactory Grains(SiloProcesses silos) => silos.Air.Services.GetRequiredService<IGrainFactory>();

    private static async Task<Dictionary<int, SiloProcess>> PlacesAsync(
        SiloProcesses silos,
        Dataset dataset,
        int blocks
    )
    {
        var places = new Dictionary<int, SiloProcess>();
        for (var block = 0; block < blocks; block++)
        {
            places[block] = await silos.OfAsync(Grains(silos).GetGrain<IBlockGrain>($"{dataset.Plan.NodeId}/{block}"));
        }

        return places;
    }

    private static async Task<List<long>> IdsAsync(Dataset dataset)
    {
        var ids = new List<long>();
        await foreach (var batch in dataset.IterBatchesAsync(100))
        {
            ids.AddRange(((Int64Array)batch.Column("id")).Values);
        }

        return ids;
    }

    /// <summary>A split of a split of a map: six blocks, shuffled to five, and cut in order to four; every step notes what it computes.</summary>
    private sealed class Chain
    {
        public const int LeafBlockRows = 90;

        public Chain(AirCluster air, string folder)
        {
            var notes = Directory.CreateDirectory(Path.Combine(folder, "log")).FullName;
            Log = new ComputationLog(notes);
            var (shuffled, _) = air
                .Data.Range(600, blocks: 6)
                .MapBatches(batch => Noted(notes, "first", batch))
                .TrainTestSplit(0.2, seed: 3);
            var (head, _) = shuffled
                .MapBatches(batch => Noted(notes, "second", batch))
                .TrainTestSplit(0.25, shuffle: false);
            Leaf = head.MapBatches(batch => Noted(notes, "leaf", batch));
        }

        public ComputationLog Log { get; }

        public Dataset Leaf { get; }

        private static RecordBatch Noted(string notes, string step, RecordBatch batch)
        {
            ComputationLog.Note(notes, step, batch);
            return batch;
        }
    }
}
