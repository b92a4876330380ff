using Air.Orleans.Core.Resilience;
using Air.Orleans.Core.Resources;
using Air.Orleans.Core.Resources.Grains;
using Air.Orleans.Core.Silos;

namespace Air.Orleans.Core.Placement;

/// <summary>
/// The silo's resources leave the ledger as the drain begins: nothing is placed here any more, and what is to be replaced is reserved
/// elsewhere at once, so that it can move before the silo stops.
/// </summary>
internal sealed class LeaseDrain(IGrainFactory grains, ILocalSiloDetails silo, LeaseBoard board) : IDrainPart
{
    private bool _isTold;

    public DrainPhase Phase => DrainPhase.Closing;

    public string Name => "leases";

    public IReadOnlyList<string> Held => _isTold ? [] : ["the ledger was not told"];

    public async Task DrainAsync(CancellationToken limit)
    {
        board.Leave();
        var ledger = grains.GetGrain<IResourceLedgerGrain>(0);
        await GrainCalls.RetryAsync(() => ledger.LeaveAsync(silo.SiloAddress), limit);
        _isTold = true;
    }
}
