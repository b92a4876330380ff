namespace Air.Orleans.Core.Compute;

/// <summary>
/// A thread of its own for work that lasts (a training worker, a replica), below normal priority. A grain that owns one
/// holds its task and cancels it when it deactivates, so no thread outlives its grain unnoticed.
/// </summary>
internal static class DedicatedThread
{
    /// <summary>Starts <paramref name="work"/> on a new thread; the task ends as the work does, with its exception.</summary>
    public static Task RunAsync(string name, Action work)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var thread = new Thread(() =>
        {
            try
            {
                work();
                done.SetResult();
            }
            catch (Exception error)
            {
                done.SetException(error);
            }
        })
        {
            IsBackground = true,
            Priority = ThreadPriority.BelowNormal,
            Name = name,
        };
        thread.Start();
        return done.Task;
    }
}
