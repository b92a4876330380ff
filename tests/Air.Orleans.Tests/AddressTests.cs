using System.Net;
using System.Net.Sockets;
using Air.Orleans.Core;
using Air.Orleans.Core.DataPlane;
using Air.Orleans.Data;
using Air.Orleans.Hosting;
using Air.Orleans.Serve.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Air.Orleans.Tests;

/// <summary>Silos on two addresses of loopback, which stand for two machines: what listens on one is not reached on the other.</summary>
public sealed class AddressTests
{
    [LinuxFact]
    public async Task Address_TwoSilosOnAddressesOfTheirOwn_AreOneClusterAndListenNowhereElse()
    {
        using var folder = new TemporaryFolder();
        var uri = ClusterUri.OfFolder(folder.Path);
        using var one = await StartAsync(uri, "127.0.0.1");
        using var other = await StartAsync(uri, "127.0.0.2");
        await using var air = await AirCluster.ConnectAsync(uri, timeout: TimeSpan.FromSeconds(30));

        var silos = await air.Silos.ListAsync();
        Assert.Equal(["127.0.0.1", "127.0.0.2"], silos.Select(static silo => silo.Address.Split(':')[0]));
        Assert.Equal(569, await air.Data.ReadCsv(Repository.Data, new() { BlockSizeBytes = 10_000 }).CountAsync());
        foreach (var port in await PortsAsync(other))
        {
            Assert.True(await AnswersAsync("127.0.0.2", port));
            Assert.False(await AnswersAsync("127.0.0.1", port));
        }

        await other.StopAsync();
        await one.StopAsync();
    }

    [Fact]
    public void Address_OfNoMachine_SaysWhatToGive()
    {
        var error = Assert.Throws<FormatException>(() => AirConfiguration.ParseAddress("0.0.0.0"));

        Assert.Contains("such as 10.0.0.5", error.Message, StringComparison.Ordinal);
        Assert.Throws<FormatException>(() => AirConfiguration.ParseAddress("localhost"));
    }

    [Fact]
    public void Address_OfAnotherMachine_NamesIt()
    {
        var error = Assert.Throws<AirException>(() => new PortHold(IPAddress.Parse("192.0.2.1"), 1));

        Assert.Contains("No silo can listen on 192.0.2.1", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Address_InTheConfiguration_VariableBeforeKey()
    {
        var settings = new Dictionary<string, string?> { ["Air:Address"] = "10.0.0.1" };
        Assert.Equal(IPAddress.Parse("10.0.0.1"), Read());
        settings["AIR_ADDRESS"] = "10.0.0.2";
        Assert.Equal(IPAddress.Parse("10.0.0.2"), Read());
        settings.Clear();
        Assert.Null(Read());

        IPAddress? Read() => new ConfigurationBuilder().AddInMemoryCollection(settings).Build().GetAirAddress();
    }

    [LinuxFact]
    public void PortHold_UntilItIsLetGo_GivesItsPortsToNobodyButAListenerOfTheirNumber()
    {
        var hold = new PortHold(IPAddress.Loopback, 2);
        var taken = new List<TcpListener>();
        try
        {
            for (var i = 0; i < 2000; i++)
            {
                var listener = new TcpListener(IPAddress.Loopback, 0);
                listener.Start();
                taken.Add(listener);
            }

            var ports = taken.Select(static it => ((IPEndPoint)it.LocalEndpoint).Port).ToHashSet();
            Assert.DoesNotContain(hold[0], ports);
            Assert.DoesNotContain(hold[1], ports);
            using var own = new TcpListener(IPAddress.Loopback, hold[0]);
            own.Start();
        }
        finally
        {
            taken.ForEach(static it => it.Dispose());
        }
    }

    private static async Task<IHost> StartAsync(ClusterUri uri, string address)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.UseOrleans(silo =>
            silo.UseAirCluster(uri, address: IPAddress.Parse(address)).AddAir(new() { Resources = new() { Cpu = 2 } })
        );
        var host = builder.Build();
        await host.StartAsync();
        return host;
    }

    private static async Task<int[]> PortsAsync(IHost host)
    {
        var silo = host.Services.GetRequiredService<ILocalSiloDetails>();
        var http = await host.Services.GetRequiredService<HttpIngress>().AddressAsync;
        Assert.Equal("127.0.0.2", http!.Host);
        return
        [
            silo.SiloAddress.Endpoint.Port,
            silo.GatewayAddress.Endpoint.Port,
            host.Services.GetRequiredService<DataServer>().Endpoint.Port,
            http.Port,
        ];
    }

    private static async Task<bool> AnswersAsync(string address, int port)
    {
        using var client = new TcpClient();
        try
        {
            await client.ConnectAsync(address, port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    /// <summary>Other systems have one address of loopback, and do not hold ports.</summary>
    [AttributeUsage(AttributeTargets.Method)]
    private sealed class LinuxFactAttribute : FactAttribute
    {
        public LinuxFactAttribute() =>
            Skip = OperatingSystem.IsLinux() ? null : "Only Linux has several addresses of loopback and holds ports.";
    }
}
