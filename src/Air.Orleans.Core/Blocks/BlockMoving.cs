using Air.Orleans.Core.Placement;
using Air.Orleans.Core.Resilience;
using Air.Orleans.Core.Resources;
using Air.Orleans.Core.Silos;
using Microsoft.Extensions.Logging;

namespace Air.Orleans.Core.Blocks;

/// <summary>
/// The blocks of a silo that drains which others hold, and nobody could make again: each is copied to a silo that does not drain, and its
/// holders hear with their next beat who keeps it for them now.
/// </summary>
internal sealed partial class BlockMoving(
    BlockStore store,
    BlockHomes homes,
    ILocalSiloDetails silo,
    HolderName self,
    TimeProvider time,
    ILogger<BlockMoving> logger
) : IDrainPart
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    private int _turn;

    public DrainPhase Phase => DrainPhase.Moving;

    public string Name => "blocks that others hold";

    public IReadOnlyList<string> Held =>
        HeldByOthers() is { Count: > 0 } held ? [$"{held.DistinctBy(static it => it.Block.Id).Count()} of them"] : [];

    private string Address => OnSiloPlacement.KeyOf(silo.SiloAddress);

    public async Task DrainAsync(CancellationToken limit)
    {
        while (HeldByOthers() is { Count: > 0 } held)
        {
            var open = await OpenSilosAsync(limit);
            if (open.Count == 0)
            {
                // The last of the cluster: there is nowhere to go.
                return;
            }

            foreach (var (block, holder, _) in held.Where(static it => !it.IsMoved))
            {
                await TryMoveAsync(block, holder, open[(int)((uint)_turn++ % (uint)open.Count)], limit);
            }

            await Task.Delay(Pause, time, limit);
        }
    }

    private IReadOnlyList<(BlockRef Block, string Holder, bool IsMoved)> HeldByOthers() =>
        store.HeldByOthers(Address, self.Value);

    private async Task<List<string>> OpenSilosAsync(CancellationToken limit)
    {
        var answers = await homes.AskAllAsync(static other => other.TakesBlocksAsync(), limit);
        return
        [
            .. answers.Where(answer => answer.Answer && answer.Silo != Address).Select(static answer => answer.Silo),
        ];
    }

    private async Task TryMoveAsync(BlockRef block, string holder, string target, CancellationToken limit)
    {
        try
        {
            var here = await homes.OfAsync(Address, limit);
            await GrainCalls.PollAsync(() => homes[target].CopyAsync(block, here, holder), limit);
            store.NoteMoved(block.Id, holder, target);
        }
        catch (Exception error) when (error is AirException || GrainCalls.IsTransient(error))
        {
            // Tried again, on another silo where there is one.
            LogStays(block.Id, target, error);
        }
    }

    [LoggerMessage(1033, LogLevel.Warning, "Block {Id} could not be copied to silo {Target} before this one stops.")]
    private partial void LogStays(Guid id, string target, Exception error);
}
