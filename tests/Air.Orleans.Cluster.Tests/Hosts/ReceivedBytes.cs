using System.Diagnostics.Metrics;
using Air.Orleans.Core.Diagnostics;

namespace Air.Orleans.Cluster.Tests.Hosts;

/// <summary>Tells when this process has received so many bytes over the data plane since this was made; it listens to the meter.</summary>
internal sealed class ReceivedBytes : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _bytes;

    public ReceivedBytes(long target)
    {
        _listener.InstrumentPublished = static (instrument, listener) =>
        {
            if (instrument.Meter.Name == TransferMeter.Name && instrument.Name == "air.core.transfer.bytes")
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>(
            (_, bytes, tags, _) =>
            {
                if (tags[0].Value is "received" && Interlocked.Add(ref _bytes, bytes) >= target)
                {
                    _reached.TrySetResult();
                }
            }
        );
        _listener.Start();
    }

    public Task Reached => _reached.Task;

    public void Dispose() => _listener.Dispose();
}
