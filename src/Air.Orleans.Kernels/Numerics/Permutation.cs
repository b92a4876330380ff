namespace Air.Orleans.Kernels.Numerics;

/// <summary>Gives random orders. Stateless, hence thread-safe.</summary>
public static class Permutation
{
    /// <summary>
    /// Gives the numbers from 0 to <paramref name="count"/> - 1 in random order, each order equally likely as far as 64 bits of
    /// seed can tell them apart. The same seed gives the same order everywhere. Fisher-Yates, as in Durstenfeld, "Algorithm
    /// 235: Random Permutation", CACM 7(7), 1964.
    /// </summary>
    /// <param name="count">How many numbers; at least 0.</param>
    /// <param name="seed">What the order depends on.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="count"/> is negative.</exception>
    public static int[] Create(int count, ulong seed)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        var order = GC.AllocateUninitializedArray<int>(count);
        for (var i = 0; i < order.Length; i++)
        {
            order[i] = i;
        }

        Shuffle(order, new SeededRandom(seed));
        return order;
    }

    /// <summary>Puts items into random order, in place.</summary>
    /// <typeparam name="T">What is shuffled.</typeparam>
    /// <param name="items">The items.</param>
    /// <param name="random">Where the randomness comes from; it advances by at least one draw per item but the last.</param>
    public static void Shuffle<T>(Span<T> items, SeededRandom random)
    {
        ArgumentNullException.ThrowIfNull(random);
        for (var last = items.Length - 1; last > 0; last--)
        {
            var other = random.NextInt(last + 1);
            (items[last], items[other]) = (items[other], items[last]);
        }
    }
}
