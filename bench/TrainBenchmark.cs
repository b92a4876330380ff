using System.Diagnostics;
using System.Runtime.InteropServices;
using Air.Orleans.Data;
using Air.Orleans.Kernels.Columns;
using Air.Orleans.Kernels.Numerics;
using Air.Orleans.Torch;
using Air.Orleans.Train;
using Apache.Arrow;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;
using static TorchSharp.torch.nn.functional;

namespace Air.Orleans.Benchmarks;

/// <summary>One worker through the trainer beside the same loop in bare TorchSharp: 100,000 x 30 rows, malloc tuned alike.</summary>
internal static class TrainBenchmark
{
    public const int Rows = 100_000;
    public const int Width = 30;
    public const int BatchSize = 256;
    public const int Epochs = 5;
    private const int Rounds = 5;

    public static async Task RunAsync()
    {
        Report.Head("train");
        TorchNative.EnsureLoaded();
        await using var air = await AirCluster.StartLocalAsync(
            new()
            {
                StorageFolder = Report.Folder(),
                HttpPort = null,
                Resources = new() { Cpu = 2 },
            }
        );
        var dataset = air.Data.Range(Rows, blocks: 8).MapBatches(Generate);
        await dataset.CountAsync();
        var (bare, bareFlat, loop, whole) = (
            new List<double>(),
            new List<double>(),
            new List<double>(),
            new List<double>()
        );
        for (var round = 0; round <= Rounds; round++)
        {
            var times = new[] { OnOwnThread(() => Bare(flat: false)), OnOwnThread(() => Bare(flat: true)) };
            var watch = Stopwatch.StartNew();
            var result = await air.FitAsync(
                new TorchTrainer<BenchParameters>(new BenchLoop())
                {
                    Parameters = new(),
                    Datasets = { ["train"] = dataset },
                    Checkpoints = new() { Keep = 1 },
                }
            );
            if (round > 0)
            {
                bare.Add(times[0]);
                bareFlat.Add(times[1]);
                whole.Add(watch.Elapsed.TotalSeconds);
                loop.Add(result.Metrics["seconds"]);
            }
        }

        Console.WriteLine(
            $"{Epochs} epochs of {Rows:N0} x {Width} rows, batch {BatchSize}, MLP 30-64-1, Adam; medians of {Rounds} rounds, in turns."
        );
        Console.WriteLine();
        Console.WriteLine("| what | seconds | to bare TorchSharp | to bare, flat Adam |");
        Console.WriteLine("|---|---|---|---|");
        Print("bare TorchSharp, torch.optim.Adam", bare);
        Print("bare TorchSharp, our flat Adam", bareFlat);
        Print("trainer, the loop in the worker", loop);
        Print("trainer, FitAsync whole, a report and checkpoint an epoch", whole);

        void Print(string what, List<double> seconds) =>
            Console.WriteLine(
                $"| {what} | {Report.Median(seconds):F3} | {Report.Median(seconds) / Report.Median(bare):F2} | {Report.Median(seconds) / Report.Median(bareFlat):F2} |"
            );
    }

    public static Module<Tensor, Tensor> Model() => Sequential(Linear(Width, 64), ReLU(), Linear(64, 1));

    private static double OnOwnThread(Func<double> work)
    {
        double result = 0;
        var thread = new Thread(() => result = work());
        thread.Start();
        thread.Join();
        return result;
    }

    private static double Bare(bool flat)
    {
        set_num_threads(1);
        using var outer = NewDisposeScope();
        var rows = Generate(Ids());
        var features = tensor(
            FeatureMatrix.AsSpan((FixedSizeListArray)rows.Column("features")).ToArray(),
            [Rows, Width]
        );
        var labels = tensor(((FloatArray)rows.Column("target")).Values.ToArray());
        var model = Model();
        using var parameters = flat ? new FlatParameters(model) : null;
        var adam = flat ? new FlatAdam(1e-3) : null;
        var optimizer = flat ? null : optim.Adam(model.parameters(), 1e-3);
        var watch = Stopwatch.StartNew();
        for (var epoch = 0; epoch < Epochs; epoch++)
        {
            var order = randperm(Rows);
            for (var from = 0; from < Rows; from += BatchSize)
            {
                using var scope = NewDisposeScope();
                var index = order.narrow(0, from, Math.Min(BatchSize, Rows - from));
                var batch = features.index_select(0, index);
                var target = labels.index_select(0, index);
                parameters?.ZeroGradients();
                optimizer?.zero_grad();
                var loss = binary_cross_entropy_with_logits(model.forward(batch).squeeze(-1), target);
                loss.backward();
                loss.ToDouble();
                optimizer?.step();
                adam?.Step(parameters!.Weights, parameters.Gradients);
            }
        }

        return watch.Elapsed.TotalSeconds;
    }

    private static RecordBatch Ids()
    {
        var ids = Enumerable.Range(0, Rows).Select(static i => (long)i).ToArray();
        var array = new Int64Array(
            new ArrowBuffer(MemoryMarshal.AsBytes<long>(ids).ToArray()),
            ArrowBuffer.Empty,
            Rows,
            0,
            0
        );
        return new RecordBatch(new Schema([new Field("id", array.Data.DataType, true)], null), [array], Rows);
    }

    private static RecordBatch Generate(RecordBatch batch)
    {
        var ids = ((Int64Array)batch.Column("id")).Values;
        var cells = new float[batch.Length * Width];
        var targets = new float[batch.Length];
        for (var row = 0; row < batch.Length; row++)
        {
            var random = new SeededRandom((ulong)ids[row]);
            var sum = 0f;
            for (var i = 0; i < Width; i++)
            {
                cells[(row * Width) + i] = (float)random.NextGaussian();
                sum += cells[(row * Width) + i];
            }

            targets[row] = sum > 0 ? 1 : 0;
        }

        var features = FeatureMatrix.Wrap(MemoryMarshal.AsBytes<float>(cells).ToArray(), batch.Length, Width);
        var target = new FloatArray(
            new ArrowBuffer(MemoryMarshal.AsBytes<float>(targets).ToArray()),
            ArrowBuffer.Empty,
            batch.Length,
            0,
            0
        );
        var schema = new Schema(
            [new Field("features", features.Data.DataType, false), new Field("target", target.Data.DataType, false)],
            null
        );
        return new RecordBatch(schema, [features, target], batch.Length);
    }
}

public sealed record BenchParameters;

/// <summary>The loop of the training benchmark; it reports how long it has run.</summary>
public sealed class BenchLoop : ITorchLoop<BenchParameters>
{
    public void Run(TorchContext context, BenchParameters parameters)
    {
        var train = context.Tensors("train", label: "target");
        using var replica = context.Prepare(TrainBenchmark.Model, new FlatAdam(1e-3));
        var watch = new Stopwatch();
        for (var epoch = 0; epoch < TrainBenchmark.Epochs; epoch++)
        {
            watch.Start();
            foreach (var batch in train.ShuffledBatches(TrainBenchmark.BatchSize, epoch))
            {
                replica.Step(() =>
                    binary_cross_entropy_with_logits(replica.Module.forward(batch.Features).squeeze(-1), batch.Labels)
                );
            }

            watch.Stop();
            context.Report(
                new Dictionary<string, double> { ["seconds"] = watch.Elapsed.TotalSeconds },
                replica.Checkpoint()
            );
        }
    }
}
