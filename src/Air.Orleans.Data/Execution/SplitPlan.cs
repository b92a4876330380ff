namespace Air.Orleans.Data.Execution;

/// <summary>Which rows of a split lie in which block: pure arithmetic.</summary>
internal static class SplitPlan
{
    /// <summary>The first place and the number of rows of a part; the test part is the end, rounded up to whole rows.</summary>
    public static (long Start, long Count) Part(long rows, double testSize, bool isTest)
    {
        var test = Math.Min(rows, (long)Math.Ceiling((rows * testSize) - 1e-9));
        return isTest ? (rows - test, test) : (0, rows - test);
    }

    /// <summary>Cuts <paramref name="count"/> rows into blocks of at most <paramref name="blockRows"/>, as even as can be.</summary>
    public static IEnumerable<(long Start, int Count)> Cut(long start, long count, int blockRows)
    {
        var blocks = Math.Max(1, (count + blockRows - 1) / blockRows);
        for (long i = 0; i < blocks; i++)
        {
            var from = count * i / blocks;
            var to = count * (i + 1) / blocks;
            yield return (start + from, (int)(to - from));
        }
    }

    /// <summary>The blocks that hold the rows from <paramref name="start"/> on: one at least, so that the columns are known.</summary>
    public static (int First, int Count) Inputs(IReadOnlyList<int> rows, long start, int count)
    {
        var first = 0;
        var before = 0L;
        while (first < rows.Count - 1 && before + rows[first] <= start)
        {
            before += rows[first++];
        }

        var last = first;
        var through = before + rows[first];
        while (last < rows.Count - 1 && through < start + count)
        {
            through += rows[++last];
        }

        return (first, last - first + 1);
    }
}
