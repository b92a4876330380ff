namespace Air.Orleans.Data.Execution;

/// <summary>Waits for many at once, and for none of them where one fails: a lasting failure is told while other blocks still compute.</summary>
internal static class FailFast
{
    /// <summary>The results in the order of the tasks, or the first failure, by time.</summary>
    public static async Task<T[]> AllAsync<T>(IEnumerable<Task<T>> tasks)
    {
        var all = tasks.ToArray();
        await foreach (var ended in Task.WhenEach(all))
        {
            await ended;
        }

        return await Task.WhenAll(all);
    }
}
