using System.Diagnostics;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using Air.Orleans.Data;
using Air.Orleans.Kernels.Numerics;
using Apache.Arrow;
using Apache.Arrow.Types;

namespace Air.Orleans.Benchmarks;

/// <summary>Fit and transform of StandardScaler on 10 million x 2 doubles beside a bare TensorPrimitives loop over as many.</summary>
internal static class ScalerBenchmark
{
    private const int Rows = 10_000_000;
    private const int Blocks = 80;
    private const int Rounds = 5;

    public static async Task RunAsync()
    {
        Report.Head("scaler");
        await using var air = await AirCluster.StartLocalAsync(
            new() { StorageFolder = Report.Folder(), HttpPort = null }
        );
        var dataset = air.Data.Range(Rows, Blocks).MapBatches(Generate);
        await dataset.CountAsync();
        var columns = Enumerable
            .Range(0, Blocks)
            .Select(static _ => (X: new double[Rows / Blocks], Y: new double[Rows / Blocks]))
            .ToArray();
        foreach (var (x, y) in columns)
        {
            Fill(x, 1);
            Fill(y, 2);
        }

        var (fit, transform, bareFit, bareTransform) = (
            new List<double>(),
            new List<double>(),
            new List<double>(),
            new List<double>()
        );
        for (var round = 0; round <= Rounds; round++)
        {
            var watch = Stopwatch.StartNew();
            var sums = columns.Select(static block => (Sum(block.X), Sum(block.Y))).ToList();
            var first = watch.Elapsed.TotalMilliseconds;
            var (mean, deviation) = Moments(sums.Select(static pair => pair.Item1));
            var (mean2, deviation2) = Moments(sums.Select(static pair => pair.Item2));
            watch.Restart();
            foreach (var (x, y) in columns)
            {
                Scale(x, mean, deviation);
                Scale(y, mean2, deviation2);
            }

            var second = watch.Elapsed.TotalMilliseconds;
            watch.Restart();
            var fitted = await new StandardScaler("x", "y").FitAsync(dataset);
            var third = watch.Elapsed.TotalMilliseconds;
            watch.Restart();
            await fitted.Transform(dataset).MapBatches(static batch => batch).CountAsync();
            if (round > 0)
            {
                bareFit.Add(first);
                bareTransform.Add(second);
                fit.Add(third);
                transform.Add(watch.Elapsed.TotalMilliseconds);
            }
        }

        Console.WriteLine(
            $"{Rows:N0} rows x 2 columns in {Blocks} blocks, source computed before; medians of {Rounds} rounds, in turns."
        );
        Console.WriteLine();
        Console.WriteLine(
            "| | bare TensorPrimitives, 1 thread, ms | StandardScaler over the cluster, 2 slots, ms | ratio |"
        );
        Console.WriteLine("|---|---|---|---|");
        Print("fit", bareFit, fit);
        Print("transform", bareTransform, transform);

        static void Print(string what, List<double> bare, List<double> ours) =>
            Console.WriteLine(
                $"| {what} | {Report.Median(bare):F1} | {Report.Median(ours):F1} | {Report.Median(ours) / Report.Median(bare):F2} |"
            );
    }

    private static (double Sum, double Squares, int Count) Sum(double[] values) =>
        (TensorPrimitives.Sum<double>(values), TensorPrimitives.SumOfSquares<double>(values), values.Length);

    private static (double Mean, double Deviation) Moments(IEnumerable<(double Sum, double Squares, int Count)> parts)
    {
        var (sum, squares, count) = parts.Aggregate(
            static (a, b) => (a.Sum + b.Sum, a.Squares + b.Squares, a.Count + b.Count)
        );
        var mean = sum / count;
        return (mean, Math.Sqrt((squares / count) - (mean * mean)));
    }

    private static void Scale(double[] values, double mean, double deviation)
    {
        var result = GC.AllocateUninitializedArray<double>(values.Length);
        TensorPrimitives.Subtract(values, mean, result);
        TensorPrimitives.Divide(result, deviation, result);
    }

    private static void Fill(double[] values, ulong seed)
    {
        var random = new SeededRandom(seed);
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = random.NextDouble() * 100;
        }
    }

    private static RecordBatch Generate(RecordBatch batch)
    {
        var x = new double[batch.Length];
        var y = new double[batch.Length];
        Fill(x, 1);
        Fill(y, 2);
        var schema = new Schema(
            [new Field("x", DoubleType.Default, true), new Field("y", DoubleType.Default, true)],
            null
        );
        return new RecordBatch(schema, [Column(x), Column(y)], batch.Length);
    }

    private static DoubleArray Column(double[] values) =>
        new(new ArrowBuffer(MemoryMarshal.AsBytes<double>(values).ToArray()), ArrowBuffer.Empty, values.Length, 0, 0);
}
