using Air.Orleans.Kernels.Numerics;

namespace Air.Orleans.Train.Control;

/// <summary>Which rows a worker trains on: pure arithmetic.</summary>
internal static class ShardPlan
{
    /// <summary>The rows of a rank: consecutive, and no rank has more than one row more than another.</summary>
    public static (long Start, int Count) Rows(long total, int rank, int worldSize)
    {
        var start = total * rank / worldSize;
        return (start, checked((int)((total * (rank + 1) / worldSize) - start)));
    }

    /// <summary>The most rows that any rank has.</summary>
    public static int Longest(long total, int worldSize) => checked((int)((total + worldSize - 1) / worldSize));

    /// <summary>
    /// The order in which a rank goes through its <paramref name="count"/> rows in an epoch. It is <paramref name="length"/> long, as
    /// every rank must make as many steps: a rank with a row less begins again with its first.
    /// </summary>
    public static int[] Order(int count, int length, int seed, int epoch, int rank)
    {
        var order = new int[length];
        for (var i = 0; i < count; i++)
        {
            order[i] = i;
        }

        var random = new SeededRandom((ulong)seed).Fork((ulong)epoch).Fork((ulong)rank);
        Permutation.Shuffle(order.AsSpan(0, count), random);
        for (var i = count; i < length; i++)
        {
            order[i] = order[i - count];
        }

        return order;
    }
}
