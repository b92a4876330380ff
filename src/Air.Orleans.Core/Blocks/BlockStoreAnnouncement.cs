using Air.Orleans.Core.DataPlane;

namespace Air.Orleans.Core.Blocks;

/// <summary>Makes this silo's blocks known to its process while it runs.</summary>
internal sealed class BlockStoreAnnouncement(DataServer server, BlockStore store)
    : ILifecycleParticipant<ISiloLifecycle>
{
    private IDisposable? _announced;

    public void Participate(ISiloLifecycle observer) =>
        observer.Subscribe(
            nameof(BlockStoreAnnouncement),
            ServiceLifecycleStage.RuntimeInitialize,
            _ =>
            {
                _announced = BlockFetcher.Announce(server.Endpoint, store);
                return Task.CompletedTask;
            },
            _ =>
            {
                _announced?.Dispose();
                return Task.CompletedTask;
            }
        );
}
