using Air.Orleans.Core.Placement;
using Air.Orleans.Core.Silos;

namespace Air.Orleans.Core.Blocks;

/// <summary>
/// As the drain begins, no block comes to this silo any more but from its own process, and the other silos place no block grain here. What it
/// has is read until it stops.
/// </summary>
internal sealed class BlockDrain(BlockStore store, BlockHomes homes, ILocalSiloDetails silo, TimeProvider time)
    : IDrainPart
{
    /// <summary>A silo that hangs hears nothing; the drain goes on.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private bool _isTold;

    public DrainPhase Phase => DrainPhase.Closing;

    public string Name => "blocks";

    public IReadOnlyList<string> Held => _isTold ? [] : ["the other silos were not told"];

    public async Task DrainAsync(CancellationToken limit)
    {
        store.CloseToOthers();
        var name = OnSiloPlacement.KeyOf(silo.SiloAddress);
        await homes.AskAllAsync(
            async other =>
            {
                await other.NoteDrainAsync(name).WaitAsync(Patience, time, limit);
                return true;
            },
            limit
        );
        _isTold = true;
    }
}
