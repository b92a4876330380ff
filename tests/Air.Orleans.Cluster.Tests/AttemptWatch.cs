using System.Globalization;
using System.Text.RegularExpressions;
using Air.Orleans.Train;

namespace Air.Orleans.Cluster.Tests;

/// <summary>Learns from the progress where the workers stand, once they have reported so often.</summary>
internal sealed partial class AttemptWatch(int reports) : IProgress<TrainProgress>
{
    private readonly TaskCompletionSource<int> _port = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _lastPort;

    public Task<int> PortOfWorkers => _port.Task;

    public void Report(TrainProgress value)
    {
        if (value.Silo is { } silo && SiloPort().Match(silo) is { Success: true } match)
        {
            _lastPort = int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture);
        }

        // Not every report is told: the latest, each time that the run is asked.
        if (value.Iteration >= reports)
        {
            _port.TrySetResult(_lastPort);
        }
    }

    [GeneratedRegex(@"127\.0\.0\.1:(\d+)")]
    private static partial Regex SiloPort();
}
