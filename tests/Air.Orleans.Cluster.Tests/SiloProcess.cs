using System.Diagnostics;
using System.Text;

namespace Air.Orleans.Cluster.Tests;

/// <summary>A silo in a process of its own, with the code of these tests loaded.</summary>
internal sealed class SiloProcess : IAsyncDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly TaskCompletionSource _up = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private SiloProcess(Process process, int siloPort, int gatewayPort)
    {
        _process = process;
        SiloPort = siloPort;
        GatewayPort = gatewayPort;
    }

    public int SiloPort { get; }

    public int GatewayPort { get; }

    public static async Task<SiloProcess> StartAsync(
        string storage,
        int siloPort,
        int gatewayPort,
        int? primaryPort,
        double cpus = 2
    )
    {
        var here = AppContext.BaseDirectory;
        var start = new ProcessStartInfo("dotnet")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            ArgumentList =
            {
                Path.Combine(here, "air-silo.dll"),
                "--silo-port",
                $"{siloPort}",
                "--gateway-port",
                $"{gatewayPort}",
                "--http-port",
                "0",
                "--storage",
                storage,
                "--cpu",
                $"{cpus}",
                "--load",
                typeof(SiloProcess).Assembly.Location,
            },
        };
        if (primaryPort is { } port)
        {
            start.ArgumentList.Add("--cluster");
            start.ArgumentList.Add($"localhost:{port}");
        }

        var silo = new SiloProcess(new Process { StartInfo = start }, siloPort, gatewayPort);
        silo._process.OutputDataReceived += (_, line) => silo.Read(line.Data);
        silo._process.ErrorDataReceived += (_, line) => silo.Read(line.Data);
        silo._process.Start();
        silo._process.BeginOutputReadLine();
        silo._process.BeginErrorReadLine();
        try
        {
            await silo._up.Task.WaitAsync(StartLimit);
        }
        catch (Exception)
        {
            silo.Kill();
            throw new InvalidOperationException($"The silo did not come up:\n{silo._output}");
        }

        return silo;
    }

    /// <summary>Ends the process as kill -9 does.</summary>
    public void Kill() => _process.Kill();

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private void Read(string? line)
    {
        if (line is null)
        {
            _up.TrySetException(new InvalidOperationException("The process has ended."));
            return;
        }

        lock (_output)
        {
            _output.AppendLine(line);
        }

        if (line.Contains("is up", StringComparison.Ordinal))
        {
            _up.TrySetResult();
        }
    }
}
