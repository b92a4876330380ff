using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;

namespace Air.Orleans.Testing.Servers;

/// <summary>
/// A server of a test's own: a process that listens on free ports of loopback and keeps its data in a temporary folder. Disposing it ends
/// the process and removes the folder. Not thread-safe.
/// </summary>
public abstract partial class TestServer : IAsyncDisposable
{
    private const int Attempts = 3;
    private const int Interrupt = 2;
    private const int Stop = 19;
    private const int Continue = 18;
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(10);

    private Process? _process;

    private protected TestServer(int ports)
    {
        Folder = Directory.CreateTempSubdirectory("air-server-").FullName;
        Ports = FreePorts(ports);
    }

    /// <summary>Which server it is.</summary>
    public abstract ServerKind Kind { get; }

    /// <summary>What a client of this kind of server connects with.</summary>
    public abstract string ConnectionString { get; }

    /// <summary>The ports that it listens on, on 127.0.0.1; the same after a restart.</summary>
    public IReadOnlyList<int> Ports { get; private set; }

    /// <summary>The id of its process.</summary>
    /// <exception cref="InvalidOperationException">It does not run.</exception>
    public int ProcessId => Running.Id;

    /// <summary>The folder of its data.</summary>
    private protected string Folder { get; }

    private Process Running => _process ?? throw new InvalidOperationException($"The {Kind} server does not run.");

    /// <summary>Ends the process at once, as kill -9 does, and waits until it is gone. The data stays for <see cref="RestartAsync"/>.</summary>
    public void Kill()
    {
        var process = Running;
        process.Kill(entireProcessTree: true);
        process.WaitForExit();
        process.Dispose();
        _process = null;
    }

    /// <summary>Starts the process again after <see cref="Kill"/>, on the same ports and data, and waits until it answers.</summary>
    /// <exception cref="InvalidOperationException">It runs, or does not come up within 60 seconds.</exception>
    public async Task RestartAsync(CancellationToken cancellationToken = default)
    {
        if (_process is not null)
        {
            throw new InvalidOperationException($"The {Kind} server runs: kill it first.");
        }

        await RunAsync(cancellationToken);
    }

    /// <summary>Suspends the process: it keeps its connections and answers nothing until <see cref="Resume"/>.</summary>
    /// <exception cref="PlatformNotSupportedException">On Windows.</exception>
    public void Pause() => Signal(Stop);

    /// <summary>Lets a suspended process go on.</summary>
    /// <exception cref="PlatformNotSupportedException">On Windows.</exception>
    public void Resume() => Signal(Continue);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_process is { } process)
        {
            _process = null;
            await EndAsync(process);
        }

        if (Directory.Exists(Folder))
        {
            Directory.Delete(Folder, recursive: true);
        }

        GC.SuppressFinalize(this);
    }

    /// <summary>The command that runs the server in the foreground.</summary>
    private protected abstract ProcessStartInfo Command();

    /// <summary>Lines that its output holds once it answers.</summary>
    private protected abstract IReadOnlyList<string> ReadyLines { get; }

    /// <summary>Makes what the server needs before it first starts.</summary>
    private protected virtual Task PrepareAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Starts for the first time, on other ports if another process took one in the meantime.</summary>
    private protected async Task BeginAsync(CancellationToken cancellationToken)
    {
        try
        {
            await PrepareAsync(cancellationToken);
            for (var attempt = 1; ; attempt++)
            {
                try
                {
                    await RunAsync(cancellationToken);
                    return;
                }
                catch (InvalidOperationException) when (attempt < Attempts)
                {
                    Ports = FreePorts(Ports.Count);
                }
            }
        }
        catch
        {
            await DisposeAsync();
            throw;
        }
    }

    private async Task RunAsync(CancellationToken cancellationToken)
    {
        var start = Command();
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        start.WorkingDirectory = Folder;
        var waiting = ReadyLines.ToList();
        var output = new StringBuilder();
        var ready = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var process = new Process { StartInfo = start, EnableRaisingEvents = true };
        process.Exited += (_, _) => ready.TrySetException(new InvalidOperationException("It has ended."));
        process.OutputDataReceived += (_, line) => Read(line.Data);
        process.ErrorDataReceived += (_, line) => Read(line.Data);
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        try
        {
            await ready.Task.WaitAsync(StartLimit, cancellationToken);
            _process = process;
        }
        catch (Exception error) when (error is InvalidOperationException or TimeoutException)
        {
            await EndAsync(process);
            lock (output)
            {
                throw new InvalidOperationException($"The {Kind} server did not come up: {error.Message}\n{output}");
            }
        }
        catch
        {
            await EndAsync(process);
            throw;
        }

        void Read(string? line)
        {
            lock (output)
            {
                if (line is null || ready.Task.IsCompleted)
                {
                    return;
                }

                output.AppendLine(line);
                waiting.RemoveAll(text => line.Contains(text, StringComparison.Ordinal));
                if (waiting.Count == 0)
                {
                    ready.TrySetResult();
                }
            }
        }
    }

    /// <summary>Asks the process to end, so that it lets go of what outlives it, and kills it when it does not.</summary>
    private static async Task EndAsync(Process process)
    {
        using (process)
        {
            if (!process.HasExited && !OperatingSystem.IsWindows())
            {
                foreach (var id in WithChildren(process.Id))
                {
                    _ = SendSignal(id, Continue);
                }

                _ = SendSignal(process.Id, Interrupt);
                using var limit = new CancellationTokenSource(StopLimit);
                try
                {
                    await process.WaitForExitAsync(limit.Token);
                }
                catch (OperationCanceledException)
                {
                    // It is killed below.
                }
            }

            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
                await process.WaitForExitAsync();
            }
        }
    }

    private void Signal(int signal)
    {
        if (OperatingSystem.IsWindows())
        {
            throw new PlatformNotSupportedException("Windows has no signals to suspend a process with.");
        }

        foreach (var id in WithChildren(Running.Id))
        {
            if (SendSignal(id, signal) != 0 && id == Running.Id)
            {
                throw new InvalidOperationException(
                    $"Signal {signal} did not reach the {Kind} server: error {Marshal.GetLastPInvokeError()}."
                );
            }
        }
    }

    /// <summary>The process, and where the system lists them those it has started, which serve its connections.</summary>
    private static IEnumerable<int> WithChildren(int process)
    {
        yield return process;
        var children = $"/proc/{process}/task/{process}/children";
        if (File.Exists(children))
        {
            foreach (var child in File.ReadAllText(children).Split(' ', StringSplitOptions.RemoveEmptyEntries))
            {
                yield return int.Parse(child, CultureInfo.InvariantCulture);
            }
        }
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int SendSignal(int process, int signal);

    private static int[] FreePorts(int count)
    {
        var listeners = Enumerable.Range(0, count).Select(static _ => new TcpListener(IPAddress.Loopback, 0)).ToList();
        try
        {
            listeners.ForEach(static listener => listener.Start());
            return [.. listeners.Select(static listener => ((IPEndPoint)listener.LocalEndpoint).Port)];
        }
        finally
        {
            listeners.ForEach(static listener => listener.Dispose());
        }
    }
}
