using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using Air.Orleans.Core.Jobs.Control;
using Air.Orleans.Core.Resilience;

namespace Air.Orleans.Core.Jobs;

/// <summary>One attempt of a job on this silo: its folder, its process and its output. Thread-safe.</summary>
internal sealed class JobProcess(JobSubmission job, int attempt, JobLogWriter log, TimeProvider time) : IDisposable
{
    /// <summary>How long a program may take to end when it is asked to.</summary>
    public static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan FlushInterval = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan OutputPatience = TimeSpan.FromSeconds(2);

    private readonly CancellationTokenSource _stopping = new();
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _isLost;
    private volatile bool _isSignalled;

    /// <summary>What became of it; null while it runs.</summary>
    public JobEnd? End { get; private set; }

    public string Name => job.Name;

    /// <summary>Whether its user said that it may be started again.</summary>
    public bool MayBeginAgain => job.Retries > 0;

    public JobReport Report => new(job.Name, attempt, End);

    /// <summary>Ends when the process has, and all is done that follows.</summary>
    public Task Done => _done.Task;

    /// <summary>Asks the program to end; after a while it is killed.</summary>
    /// <param name="isLost">Whether the silo stops, so that the job may go on elsewhere.</param>
    public void Stop(bool isLost)
    {
        _isLost |= isLost;
        _stopping.Cancel();
    }

    /// <summary>Runs it to its end, whatever that is; raises nothing.</summary>
    public async Task RunAsync(Func<CancellationToken, ProcessStartInfo> prepare, JobThreads threads, Action cleanUp)
    {
        try
        {
            var start = await threads.FolderAsync($"prepare job {job.Name}", prepare, _stopping.Token);
            End = await RunAsync(start);
        }
        catch (OperationCanceledException)
        {
            End = new JobEnd(null, "it was stopped before its program began", _isLost);
        }
        catch (Exception error)
        {
            var text = error is AirException ? error.Message : $"{error.GetType().Name}: {error.Message}";
            log.Add(isError: true, text);
            await log.FlushAsync(CancellationToken.None);
            End = new JobEnd(null, $"Its program could not be started: {text}", IsLost: false);
        }

        await threads.FolderAsync(
            $"clean up after job {job.Name}",
            _ =>
            {
                cleanUp();
                return true;
            },
            CancellationToken.None
        );
    }

    /// <summary>Nothing more follows.</summary>
    public void Close() => _done.TrySetResult();

    public void Dispose() => _stopping.Dispose();

    private async Task<JobEnd> RunAsync(ProcessStartInfo start)
    {
        using var process = new Process { StartInfo = start };
        try
        {
            process.Start();
        }
        catch (Win32Exception error)
        {
            throw new AirException($"'{start.FileName}' cannot be started: {error.Message}", error);
        }

        using var ended = new CancellationTokenSource();
        var output = Background.Start(() => ReadAsync(process.StandardOutput, isError: false));
        var errors = Background.Start(() => ReadAsync(process.StandardError, isError: true));
        var flushing = Background.Start(() => FlushAsync(ended.Token));
        await WaitAsync(process);
        // A process that the program left behind in a session of its own may keep its output open.
        await Task.WhenAny(Task.WhenAll(output, errors), Task.Delay(OutputPatience, time));
        await ended.CancelAsync();
        await flushing;
        await log.FlushAsync(CancellationToken.None);
        // What ended before it was asked to has ended by itself, even if the silo stops before its last lines are read.
        var isLost = _isLost && _isSignalled;
        return new JobEnd(process.ExitCode, process.ExitCode == 0 ? null : Describe(process.ExitCode), isLost);
    }

    private async Task WaitAsync(Process process)
    {
        var exit = process.WaitForExitAsync();
        var stop = Task.Delay(Timeout.InfiniteTimeSpan, time, _stopping.Token);
        if (await Task.WhenAny(exit, stop) != exit)
        {
            _isSignalled = true;
            await SignalAsync(process, JobLauncher.Terminate);
            await Task.WhenAny(exit, Task.Delay(StopPatience, time));
            if (!exit.IsCompleted)
            {
                await SignalAsync(process, JobLauncher.Kill);
                await Task.WhenAny(exit, Task.Delay(OutputPatience, time));
            }

            if (!exit.IsCompleted)
            {
                // Somebody ended the part of the launcher that listens.
                process.Kill(entireProcessTree: true);
            }
        }

        await exit;
    }

    private static async Task SignalAsync(Process process, string signal)
    {
        try
        {
            await process.StandardInput.WriteLineAsync(signal);
            await process.StandardInput.FlushAsync();
        }
        catch (IOException)
        {
            // It has ended.
        }
    }

    private async Task ReadAsync(StreamReader reader, bool isError)
    {
        try
        {
            await foreach (var line in LogLines.ReadAsync(reader, JobLogWriter.LongestLine))
            {
                log.Add(isError, line);
            }
        }
        catch (Exception error) when (error is IOException or ObjectDisposedException or InvalidOperationException)
        {
            // The process has ended and what held its output open was given up.
        }
    }

    private async Task FlushAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                await Task.Delay(FlushInterval, time, cancellationToken);
                await log.FlushAsync(cancellationToken);
            }
        }
        catch (OperationCanceledException)
        {
            // The process has ended.
        }
    }

    private string Describe(int exitCode)
    {
        var lines = log.Errors.Where(static line => line.Length > 0).ToList();
        var telling =
            lines.Find(static line => line.StartsWith("Unhandled exception.", StringComparison.Ordinal))
            ?? lines.Find(static line => line.StartsWith("You must install", StringComparison.Ordinal))
            ?? lines.LastOrDefault();
        var code = exitCode.ToString(CultureInfo.InvariantCulture);
        return $"Its program ended with exit code {code}{(telling is null ? "" : $": {telling.TrimEnd('.', ' ')}")}. See 'air logs {job.Name}'.";
    }
}
