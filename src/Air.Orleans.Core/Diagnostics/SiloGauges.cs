using System.Diagnostics.Metrics;
using Air.Orleans.Core.Compute;
using Air.Orleans.Core.Resources;

namespace Air.Orleans.Core.Diagnostics;

/// <summary>What can be read of a silo at any moment: its leases, what it offers and what of it is free, its slots.</summary>
internal sealed class SiloGauges : ILifecycleParticipant<ISiloLifecycle>, IDisposable
{
    private readonly Meter _meter = CoreMeter.NewMeter();

    public SiloGauges(LeaseBoard board, ComputeSlots slots)
    {
        _meter.CreateObservableUpDownCounter(
            "air.core.leases.held",
            () => board.Snapshot().Bookings.Length,
            "{bundle}",
            "Bundles that stand on this silo."
        );
        _meter.CreateObservableUpDownCounter(
            "air.core.resources.offered",
            () => Measure(board.Offer.Resources),
            "1",
            "What this silo offers, by resource."
        );
        _meter.CreateObservableUpDownCounter(
            "air.core.resources.free",
            () => Measure(board.Free),
            "1",
            "What of that is free, by resource."
        );
        _meter.CreateObservableUpDownCounter(
            "air.core.slots.busy",
            () => slots.Describe().Count(static work => work.State == ComputeState.Running),
            "{work}",
            "Pieces of work on the compute slots of this silo."
        );
        _meter.CreateObservableUpDownCounter(
            "air.core.slots.waiting",
            () => slots.Describe().Count(static work => work.State == ComputeState.Queued),
            "{work}",
            "Pieces of work that wait for a slot of this silo."
        );
    }

    /// <summary>Being made with the silo is all that it does.</summary>
    public void Participate(ISiloLifecycle observer) { }

    public void Dispose() => _meter.Dispose();

    private static IEnumerable<Measurement<double>> Measure(ResourceSet resources) =>
        resources.AllNames.Select(name => new Measurement<double>(
            resources[name],
            KeyValuePair.Create<string, object?>("resource", name)
        ));
}
