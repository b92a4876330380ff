using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Air.Orleans.Cluster.Tests;

/// <summary>A silo in a process of its own. It finds its ports itself.</summary>
internal sealed partial class SiloProcess : IAsyncDisposable
{
    /// <summary>How long a process may take to come up, or a client to connect, on a machine that is busy with many.</summary>
    public static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(2);

    private readonly Process _process;
    private readonly List<string> _output = [];
    private readonly TaskCompletionSource<int> _up = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<(string Begin, TaskCompletionSource<string> Found)> _awaited = [];
    private long _frozenAt;
    private bool _hasEnded;

    private SiloProcess(Process process) => _process = process;

    public int SiloPort { get; private set; }

    public int ProcessId => _process.Id;

    public bool HasExited => _process.HasExited;

    /// <summary>The code with which it ended.</summary>
    public int ExitCode => _process.ExitCode;

    /// <summary>Where it answers about itself.</summary>
    public Uri AdminUrl { get; private set; } = null!;

    /// <summary>What it wrote.</summary>
    public string Output
    {
        get
        {
            lock (_output)
            {
                return string.Join('\n', _output);
            }
        }
    }

    /// <exception cref="InvalidOperationException">It did not come up; the message holds its output.</exception>
    public static async Task<SiloProcess> StartAsync(
        string cluster,
        string? storage = null,
        string resources = SiloProcesses.TwoCpus,
        bool load = true,
        IReadOnlyList<string>? arguments = null,
        NetworkHost? host = null,
        IReadOnlyDictionary<string, string>? environment = null
    )
    {
        var start = host?.Start("dotnet") ?? new ProcessStartInfo("dotnet");
        (start.RedirectStandardOutput, start.RedirectStandardError) = (true, true);
        foreach (
            var argument in new[]
            {
                Path.Combine(AppContext.BaseDirectory, "air-silo.dll"),
                "--cluster",
                cluster,
                "--resources",
                resources,
            }
        )
        {
            start.ArgumentList.Add(argument);
        }

        if (load)
        {
            // Grains of these tests.
            start.ArgumentList.Add("--load");
            start.ArgumentList.Add(typeof(SiloProcess).Assembly.Location);
        }

        if (host is not null)
        {
            start.ArgumentList.Add("--insecure");
            start.ArgumentList.Add("--address");
            start.ArgumentList.Add(host.Address.ToString());
        }

        if (storage is not null)
        {
            start.ArgumentList.Add("--storage");
            start.ArgumentList.Add(storage);
        }

        foreach (var argument in arguments ?? [])
        {
            start.ArgumentList.Add(argument);
        }

        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        var silo = new SiloProcess(new Process { StartInfo = start });
        silo._process.OutputDataReceived += (_, line) => silo.Read(line.Data);
        silo._process.ErrorDataReceived += (_, line) => silo.Read(line.Data);
        silo._process.Start();
        silo._process.BeginOutputReadLine();
        silo._process.BeginErrorReadLine();
        try
        {
            silo.SiloPort = await silo._up.Task.WaitAsync(StartLimit);
        }
        catch (Exception error)
        {
            await silo.DisposeAsync();
            throw new InvalidOperationException($"The silo did not come up:\n{silo.Output}", error);
        }

        return silo;
    }

    /// <summary>Ends the process as kill -9 does.</summary>
    public void Kill() => _process.Kill();

    /// <summary>Stops the process where it is, as SIGSTOP does: it hangs, and keeps all that it holds.</summary>
    public async Task FreezeAsync()
    {
        await SignalAsync("-STOP");
        _frozenAt = TimeProvider.System.GetTimestamp();
    }

    /// <summary>Waits until the process has been stopped for so long.</summary>
    public Task FrozenForAsync(TimeSpan duration)
    {
        var left = duration - TimeProvider.System.GetElapsedTime(_frozenAt);
        return Task.Delay(left > TimeSpan.Zero ? left : TimeSpan.Zero);
    }

    /// <summary>Lets a stopped process go on, as SIGCONT does.</summary>
    public Task ThawAsync() => SignalAsync("-CONT");

    /// <summary>The first line of its output that begins so; waits for it.</summary>
    /// <exception cref="InvalidOperationException">The process ended without it, or did not write it in that time; the message holds its output.</exception>
    public async Task<string> LineAsync(string begin, TimeSpan limit)
    {
        var found = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_output)
        {
            if (_output.Find(line => line.StartsWith(begin, StringComparison.Ordinal)) is { } line)
            {
                return line;
            }

            if (_hasEnded)
            {
                throw Without(begin, "has ended");
            }

            _awaited.Add((begin, found));
        }

        try
        {
            return await found.Task.WaitAsync(limit);
        }
        catch (TimeoutException)
        {
            throw Without(begin, $"has been silent for {limit.TotalSeconds:0} s");
        }
    }

    /// <summary>Asks the process to end, as a supervisor does.</summary>
    public Task TerminateAsync() => SignalAsync("-TERM");

    /// <summary>Waits until the process has ended.</summary>
    public Task WaitForExitAsync(TimeSpan limit) => _process.WaitForExitAsync().WaitAsync(limit);

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private async Task SignalAsync(string signal)
    {
        using var kill = Process.Start("kill", [signal, _process.Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
    }

    private InvalidOperationException Without(string begin, string what) =>
        new($"The process {what} without a line that begins '{begin}':\n{Output}");

    private void Read(string? line)
    {
        if (line is null)
        {
            _up.TrySetException(new InvalidOperationException("The process has ended."));
            lock (_output)
            {
                _hasEnded = true;
                _awaited.ForEach(awaited => awaited.Found.TrySetException(Without(awaited.Begin, "has ended")));
            }

            return;
        }

        lock (_output)
        {
            _output.Add(line);
            foreach (var (begin, found) in _awaited)
            {
                if (line.StartsWith(begin, StringComparison.Ordinal))
                {
                    found.TrySetResult(line);
                }
            }
        }

        if (UpLine().Match(line) is { Success: true } match)
        {
            AdminUrl = new Uri(match.Groups[2].Value);
            _up.TrySetResult(int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture));
        }
    }

    [GeneratedRegex(@"^(?:\{.*""Message"":"")?Silo [0-9.]+:(\d+) is up: .* admin (https?://[^ ,]+/)")]
    private static partial Regex UpLine();
}
