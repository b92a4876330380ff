using System.Diagnostics;
using System.Globalization;
using Air.Orleans.Core;

namespace Air.Orleans.Cluster.Tests.Leases;

/// <summary>A client in a process of its own, which holds a lease until it is killed.</summary>
internal sealed class ClientProcess : IAsyncDisposable
{
    private const string Holds = "holds";

    private readonly Process _process;

    private ClientProcess(Process process) => _process = process;

    /// <summary>Starts one, and waits until it holds one bundle of <paramref name="resources"/>.</summary>
    public static async Task<ClientProcess> StartAsync(string cluster, string resources)
    {
        var start = new ProcessStartInfo("dotnet")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            ArgumentList = { typeof(ClientProcess).Assembly.Location, "hold-lease", cluster, resources },
        };
        var client = new ClientProcess(Process.Start(start)!);
        try
        {
            var line = await client._process.StandardOutput.ReadLineAsync().WaitAsync(SiloProcess.StartLimit);
            return line == Holds
                ? client
                : throw new InvalidOperationException($"The client said '{line}' where '{Holds}' was expected.");
        }
        catch
        {
            await client.DisposeAsync();
            throw;
        }
    }

    /// <summary>What the process does: until its input ends it holds the lease.</summary>
    public static async Task HoldAsync(string cluster, string resources)
    {
        await using var air = await AirCluster.ConnectAsync(cluster, timeout: SiloProcess.StartLimit);
        await using var group = await air.Resources.ReserveAsync(
            new PlacementRequest { Bundles = [new Bundle { Resources = ResourceSet.Parse(resources) }] }
        );
        await Console.Out.WriteLineAsync(Holds);
        await Console.In.ReadToEndAsync();
    }

    /// <summary>Asks the process to end, as a supervisor does, and waits until it has. Gives its exit code.</summary>
    public async Task<int> TerminateAsync(TimeSpan limit)
    {
        using var kill = Process.Start("kill", ["-TERM", _process.Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
        await _process.WaitForExitAsync().WaitAsync(limit);
        return _process.ExitCode;
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
}
