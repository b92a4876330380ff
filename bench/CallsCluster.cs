using System.Diagnostics;
using Air.Orleans.Core;

namespace Air.Orleans.Benchmarks;

/// <summary>
/// One silo in this process, one in a process of its own, and a client in this process; all with Air.Orleans, or all bare but for the
/// membership.
/// </summary>
internal sealed class CallsCluster : IAsyncDisposable
{
    public const string FarVerb = "calls-silo";

    private readonly IHost _nearHost;
    private readonly IHost _clientHost;
    private readonly Process _farProcess;

    private CallsCluster(bool isOurs, IHost near, IHost client, Process far, SiloAddress farSilo)
    {
        IsOurs = isOurs;
        (_nearHost, _clientHost, _farProcess) = (near, client, far);
        NearSilo = near.Services.GetRequiredService<ILocalSiloDetails>().SiloAddress;
        FarSilo = farSilo;
    }

    public bool IsOurs { get; }

    public SiloAddress NearSilo { get; }

    public SiloAddress FarSilo { get; }

    /// <summary>Calls from within the near silo's process, as its own code makes them.</summary>
    public IGrainFactory Near => _nearHost.Services.GetRequiredService<IGrainFactory>();

    /// <summary>Calls from a client outside of the silos.</summary>
    public IGrainFactory Client => _clientHost.Services.GetRequiredService<IGrainFactory>();

    /// <param name="ours">With Air.Orleans, or bare.</param>
    /// <param name="certs">A folder of 'air certs' for mutual TLS and a secret; null for neither.</param>
    public static async Task<CallsCluster> StartAsync(bool ours, string? certs = null)
    {
        var cluster = ClusterUri.OfFolder(Report.Folder());
        var near = BuildSilo(cluster, ours, certs);
        await near.StartAsync();
        var far = new Process
        {
            StartInfo = new(Environment.ProcessPath!) { RedirectStandardOutput = true, RedirectStandardInput = true },
        };
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet")
        {
            far.StartInfo.ArgumentList.Add(typeof(CallsCluster).Assembly.Location);
        }

        far.StartInfo.ArgumentList.Add(FarVerb);
        far.StartInfo.ArgumentList.Add(cluster.ToString());
        far.StartInfo.ArgumentList.Add(ours ? "air" : "bare");
        far.StartInfo.ArgumentList.Add(certs ?? "");
        far.Start();
        var address = await far.StandardOutput.ReadLineAsync();
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.UseOrleansClient(client =>
        {
            client.UseAirCluster(cluster);
            if (ours)
            {
                client.AddAir(Security(certs, "client"));
            }
        });
        var clientHost = builder.Build();
        await clientHost.StartAsync();
        return new CallsCluster(ours, near, clientHost, far, SiloAddress.FromParsableString(address!));
    }

    /// <summary>The silo of the other process: prints its address, and ends with its input.</summary>
    public static async Task RunFarAsync(string cluster, bool ours, string certs)
    {
        using var host = BuildSilo(ClusterUri.Parse(cluster), ours, certs.Length == 0 ? null : certs);
        await host.StartAsync();
        Console.WriteLine(host.Services.GetRequiredService<ILocalSiloDetails>().SiloAddress.ToParsableString());
        await Console.In.ReadToEndAsync();
        await host.StopAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _clientHost.StopAsync();
        _clientHost.Dispose();
        _farProcess.StandardInput.Close();
        await _farProcess.WaitForExitAsync();
        _farProcess.Dispose();
        await _nearHost.StopAsync();
        _nearHost.Dispose();
    }

    private static IHost BuildSilo(ClusterUri cluster, bool ours, string? certs)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.UseOrleans(silo =>
        {
            silo.UseAirCluster(cluster);
            if (ours)
            {
                silo.AddAir(new AirOptions { HttpPort = null, Security = Security(certs, "silo") });
            }
        });
        return builder.Build();
    }

    private static SecurityOptions Security(string? certs, string role) =>
        certs is null
            ? new SecurityOptions()
            : new SecurityOptions
            {
                Certificate = Path.Combine(certs, $"{role}.pem"),
                Key = Path.Combine(certs, $"{role}.key"),
                Authority = Path.Combine(certs, "authority.pem"),
                SecretFile = Path.Combine(certs, "secret"),
            };
}
