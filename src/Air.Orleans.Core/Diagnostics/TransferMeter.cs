using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Air.Orleans.Core.Diagnostics;

/// <summary>The measurements of the data plane, in the meter "Air.Orleans.Core". Thread-safe.</summary>
internal static class TransferMeter
{
    public const string Name = "Air.Orleans.Core";

    private static readonly Meter Meter = new(Name);

    private static readonly Counter<long> Bytes = Meter.CreateCounter<long>(
        "air.core.transfer.bytes",
        "By",
        "Content that went over the data plane, by direction (sent, received)."
    );

    private static readonly Histogram<double> Seconds = Meter.CreateHistogram<double>(
        "air.core.transfer.duration",
        "s",
        "From asking to the last byte of a content, by kind (fetch, get, put)."
    );

    private static readonly Counter<long> Retries = Meter.CreateCounter<long>(
        "air.core.transfer.retries",
        "{retry}",
        "Ranges that were asked for again, by reason (connection, hash)."
    );

    private static readonly Counter<long> Refusals = Meter.CreateCounter<long>(
        "air.core.transfer.refused",
        "{connection}",
        "Connections that the silo closed before they were proved, by reason (crowd, silence, certificate, secret, frame)."
    );

    private static readonly UpDownCounter<long> Connections = Meter.CreateUpDownCounter<long>(
        "air.core.transfer.connections",
        "{connection}",
        "Open connections of the data plane, by end (silo, client)."
    );

    public static void Sent(long bytes) => Bytes.Add(bytes, KeyValuePair.Create<string, object?>("direction", "sent"));

    public static void Received(long bytes) =>
        Bytes.Add(bytes, KeyValuePair.Create<string, object?>("direction", "received"));

    public static void Done(string kind, long startedAt) =>
        Seconds.Record(
            Stopwatch.GetElapsedTime(startedAt).TotalSeconds,
            KeyValuePair.Create<string, object?>("kind", kind)
        );

    public static void Retried(string reason) => Retries.Add(1, KeyValuePair.Create<string, object?>("reason", reason));

    public static void Refused(string reason) =>
        Refusals.Add(1, KeyValuePair.Create<string, object?>("reason", reason));

    public static void Opened(string end) => Connections.Add(1, KeyValuePair.Create<string, object?>("end", end));

    public static void Closed(string end) => Connections.Add(-1, KeyValuePair.Create<string, object?>("end", end));
}
