namespace Air.Orleans.Clustering;

/// <summary>Asks the servers of a silo's cluster and storage as the first thing that the silo does.</summary>
internal sealed class SiloCheck(IReadOnlyList<ClusterUri> uris, TimeProvider time)
    : ILifecycleParticipant<ISiloLifecycle>
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    public void Participate(ISiloLifecycle observer) =>
        observer.Subscribe(
            nameof(SiloCheck),
            ServiceLifecycleStage.First,
            async cancellationToken =>
            {
                foreach (var uri in uris.Distinct())
                {
                    await ClusterCheck.CheckAsync(
                        ClusterProviders.StorageOf(uri),
                        uri,
                        Patience,
                        time,
                        cancellationToken
                    );
                }
            }
        );
}
