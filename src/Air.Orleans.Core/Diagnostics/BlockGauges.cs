using System.Diagnostics.Metrics;
using Air.Orleans.Core.Blocks;

namespace Air.Orleans.Core.Diagnostics;

/// <summary>What can be read of a silo's block store at any moment.</summary>
internal sealed class BlockGauges : ILifecycleParticipant<ISiloLifecycle>, IDisposable
{
    private readonly Meter _meter = CoreMeter.NewMeter();
    private readonly BlockStore _store;

    public BlockGauges(BlockStore store)
    {
        _store = store;
        Level("count", "{block}", "Blocks of this silo, in memory and on disk.", static it => it.Count);
        Level("budget", "By", "Memory that blocks may take.", static it => it.BudgetBytes);
        Level("used", "By", "Memory that blocks take.", static it => it.UsedBytes);
        Level("pinned", "By", "Memory of blocks that this process reads.", static it => it.PinnedBytes);
        Level("spilled", "By", "Blocks that are on disk alone.", static it => it.SpilledBytes);
        Level("waiting", "{request}", "Requests that wait for room.", static it => it.Waiting.Count);
        Total("spills", "Blocks that were written to disk.", static it => it.Spills);
        Total("restores", "Blocks that came back from disk.", static it => it.Restores);
    }

    /// <summary>Being made with the silo is all that it does.</summary>
    public void Participate(ISiloLifecycle observer) { }

    public void Dispose() => _meter.Dispose();

    private void Level(string what, string unit, string description, Func<BlockStoreReport, long> read) =>
        _meter.CreateObservableUpDownCounter(
            $"air.core.blocks.{what}",
            () => read(_store.Describe()),
            unit,
            description
        );

    private void Total(string what, string description, Func<BlockStoreReport, long> read) =>
        _meter.CreateObservableCounter(
            $"air.core.blocks.{what}",
            () => read(_store.Describe()),
            "{block}",
            description
        );
}
