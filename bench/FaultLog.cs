using System.Diagnostics;
using System.Globalization;

namespace Air.Orleans.Benchmarks;

/// <summary>What happened, with the seconds since the start, as a Markdown list. Thread-safe.</summary>
internal sealed class FaultLog
{
    private readonly Stopwatch _watch = Stopwatch.StartNew();
    private readonly Lock _gate = new();

    public int Failures { get; private set; }

    public void Say(string text)
    {
        lock (_gate)
        {
            Console.WriteLine(
                string.Create(CultureInfo.InvariantCulture, $"- {_watch.Elapsed.TotalSeconds, 6:F1} s: {text}")
            );
        }
    }

    public void Fail(string text)
    {
        lock (_gate)
        {
            Failures++;
            Say($"**FAILED**: {text}");
        }
    }
}
