using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Air.Orleans.Serve.Diagnostics;

/// <summary>The measurements of Serve, in the meter "Air.Orleans.Serve". Thread-safe.</summary>
internal static class ServeMeter
{
    public const string Name = "Air.Orleans.Serve";

    /// <summary>Activities of Serve: a request, from the whole body to the answer.</summary>
    public static ActivitySource Activities { get; } = new(Name);

    private static readonly Meter Meter = new(Name);

    private static readonly Counter<long> Requests = Meter.CreateCounter<long>(
        "air.serve.requests",
        "{request}",
        "Requests that were answered, by deployment and status."
    );

    private static readonly Counter<long> Errors = Meter.CreateCounter<long>(
        "air.serve.errors",
        "{request}",
        "Requests that were answered with a problem, by deployment and status."
    );

    private static readonly Histogram<double> Latency = Meter.CreateHistogram<double>(
        "air.serve.latency",
        "s",
        "From the whole body to the answer, by deployment."
    );

    /// <summary>How many rows the model was given at once.</summary>
    public static Histogram<long> BatchRows { get; } =
        Meter.CreateHistogram<long>("air.serve.batch_rows", "{row}", "Rows that the model was given at once.");

    public static void Answered(string deployment, int status, long startedAt)
    {
        if (!Requests.Enabled && !Errors.Enabled && !Latency.Enabled)
        {
            return;
        }

        var name = KeyValuePair.Create<string, object?>("deployment", deployment);
        var code = KeyValuePair.Create<string, object?>("status", status);
        Requests.Add(1, name, code);
        if (status >= 400)
        {
            Errors.Add(1, name, code);
        }

        Latency.Record(Stopwatch.GetElapsedTime(startedAt).TotalSeconds, name);
    }
}
