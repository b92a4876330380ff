namespace Air.Orleans.Core.Resilience;

/// <summary>Loops that wait and call, such as heartbeats: away from the grain and the context that start them. What computes belongs on the slots.</summary>
internal static class Background
{
    /// <summary>Starts the loop; the task ends as it does.</summary>
    public static Task Start(Func<Task> loop)
    {
        using var _ = ExecutionContext.IsFlowSuppressed() ? default : ExecutionContext.SuppressFlow();
        return Task.Run(loop, CancellationToken.None);
    }

    /// <summary>Begins calls whose result is waited for elsewhere, perhaps by a thread that blocks.</summary>
    public static Task<T> StartWithResult<T>(Func<Task<T>> calls)
    {
        using var _ = ExecutionContext.IsFlowSuppressed() ? default : ExecutionContext.SuppressFlow();
        return Task.Run(calls, CancellationToken.None);
    }
}
