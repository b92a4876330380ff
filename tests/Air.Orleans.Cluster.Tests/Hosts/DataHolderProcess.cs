using System.Diagnostics;
using System.Globalization;
using System.Net;
using Air.Orleans.Core.DataPlane;

namespace Air.Orleans.Cluster.Tests.Hosts;

/// <summary>A <see cref="DataHolder"/> on a host.</summary>
internal sealed class DataHolderProcess : IAsyncDisposable
{
    private readonly Process _process;

    private DataHolderProcess(Process process) => _process = process;

    public DataEndpoint Endpoint { get; private set; } = null!;

    public static async Task<DataHolderProcess> StartAsync(NetworkHost? host, int megabytes)
    {
        var start = host?.Start("dotnet") ?? new ProcessStartInfo("dotnet");
        (start.RedirectStandardInput, start.RedirectStandardOutput) = (true, true);
        start.ArgumentList.Add(typeof(DataHolder).Assembly.Location);
        start.ArgumentList.Add(DataHolder.Verb);
        start.ArgumentList.Add((host?.Address ?? IPAddress.Loopback).ToString());
        start.ArgumentList.Add(megabytes.ToString(CultureInfo.InvariantCulture));
        var holder = new DataHolderProcess(Process.Start(start)!);
        try
        {
            var line = await holder._process.StandardOutput.ReadLineAsync().WaitAsync(SiloProcess.StartLimit);
            var parts = line?.Split(' ') ?? throw new InvalidOperationException("The data holder did not come up.");
            holder.Endpoint = new DataEndpoint(parts[0], int.Parse(parts[1], CultureInfo.InvariantCulture), parts[2]);
            return holder;
        }
        catch
        {
            await holder.DisposeAsync();
            throw;
        }
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
