namespace Air.Orleans.Core.Tests.DataPlane;

/// <summary>Waits for what has no event: what the silo does after its answer.</summary>
internal static class Polling
{
    /// <summary>Whether it came to hold within half a minute.</summary>
    public static async Task<bool> UntilAsync(Func<bool> condition)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        while (!condition() && !limit.IsCancellationRequested)
        {
            await timer.WaitForNextTickAsync(CancellationToken.None);
        }

        return condition();
    }
}
