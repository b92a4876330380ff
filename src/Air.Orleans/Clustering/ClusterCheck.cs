namespace Air.Orleans.Clustering;

/// <summary>
/// Asks the servers of a silo's cluster and storage before anything else starts, so that what refuses is said in one line instead of by a
/// start that hangs.
/// </summary>
internal sealed class ClusterCheck(IReadOnlyList<ClusterUri> uris, TimeProvider time)
    : ILifecycleParticipant<ISiloLifecycle>
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    public void Participate(ISiloLifecycle observer) =>
        observer.Subscribe(
            nameof(ClusterCheck),
            ServiceLifecycleStage.First,
            async cancellationToken =>
            {
                foreach (var uri in uris.Distinct())
                {
                    await CheckAsync(uri, Patience, time, cancellationToken);
                }
            }
        );

    /// <summary>Asks once.</summary>
    /// <exception cref="AirException">It refused, or gave no answer in time.</exception>
    public static async Task CheckAsync(
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
            await ClusterProviders.StorageOf(uri).CheckAsync(uri, limit.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new AirException(
                $"'{uri}' gave no answer within {patience.TotalSeconds:0.#} s: check its host and port."
            );
        }
    }
}
