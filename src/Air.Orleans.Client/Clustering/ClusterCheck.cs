namespace Air.Orleans.Clustering;

/// <summary>
/// Asks the server of a cluster or storage before anything else starts, so that what refuses is said in one line instead of by a start that
/// hangs.
/// </summary>
internal static class ClusterCheck
{
    /// <summary>Asks once.</summary>
    /// <exception cref="AirException">It refused, or gave no answer in time.</exception>
    public static async Task CheckAsync(
        ISchemeProvider provider,
        ClusterUri uri,
        TimeSpan patience,
        TimeProvider time,
        CancellationToken cancellationToken
    )
    {
        using var timeout = new CancellationTokenSource(patience, time);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        try
        {
            await provider.CheckAsync(uri, limit.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new AirException(
                $"'{uri}' gave no answer within {patience.TotalSeconds:0.#} s: check its host and port."
            );
        }
    }
}
