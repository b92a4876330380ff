using Air.Orleans.Kernels.Columns;
using Apache.Arrow;

namespace Air.Orleans.Cluster.Tests.Blocks;

/// <summary>Batches whose first value says what all others must be.</summary>
internal static class SeededRows
{
    public static RecordBatch Of(long seed, int rows)
    {
        var values = new long[rows];
        var state = unchecked((ulong)seed * 0x9E3779B97F4A7C15);
        for (var i = 0; i < rows; i++)
        {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            values[i] = i == 0 ? seed : (long)state;
        }

        return new RecordBatch.Builder()
            .Append("value", nullable: false, new Int64Array.Builder().AppendRange(values).Build())
            .Build();
    }

    /// <summary>Whether every value is what the first one says.</summary>
    public static bool AreWhole(RecordBatch batch)
    {
        var seed = ((Int64Array)batch.Column(0)).GetValue(0)!.Value;
        return BatchKernels.Hash64(batch) == BatchKernels.Hash64(Of(seed, batch.Length));
    }
}
