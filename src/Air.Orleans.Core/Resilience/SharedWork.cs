namespace Air.Orleans.Core.Resilience;

/// <summary>
/// A grain's pieces of work that may last longer than a call may: each runs once, however often it is asked for, and whoever asks gets its
/// result or, after a few seconds, the advice to ask again. A call that a lost silo swallowed so costs seconds, not the length of the
/// work. Used inside one grain's turns.
/// </summary>
internal sealed class SharedWork(TimeProvider time)
{
    /// <summary>How long a call may take in all; above the patience, so that only a lost call runs into it.</summary>
    public const string CallTimeout = "00:00:12";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly Dictionary<string, Task> _running = [];

    /// <summary>The result of the work of that name, begun now if it does not run; null where it is not done yet.</summary>
    public async Task<T?> WaitAsync<T>(string name, Func<Task<T>> begin)
        where T : class
    {
        if (!_running.TryGetValue(name, out var running))
        {
            running = begin();
            _running.Add(name, running);
        }

        var work = (Task<T>)running;
        if (!work.IsCompleted)
        {
            await Task.WhenAny(work, Task.Delay(Patience, time));
        }

        if (!work.IsCompleted)
        {
            return null;
        }

        if (_running.TryGetValue(name, out var current) && current == running)
        {
            _running.Remove(name);
        }

        return await work;
    }
}
