using Air.Orleans.Core;
using Air.Orleans.Data;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Air.Orleans.Tests;

public sealed class AirClusterTests
{
    [Fact]
    public async Task StartLocal_ThreeSilos_AnswersAndStops()
    {
        using var folder = new TemporaryFolder();
        var air = await AirCluster.StartLocalAsync(new() { StorageFolder = folder.Path }, silos: 3);

        Assert.Equal(569, await air.Data.ReadCsv(Repository.Data, new() { BlockSizeBytes = 10_000 }).CountAsync());

        await air.DisposeAsync();
        await air.DisposeAsync();
    }

    [Fact]
    public async Task StartLocal_TwoClustersAtOnce_DoNotMeet()
    {
        using var folder = new TemporaryFolder();
        await using var one = await AirCluster.StartLocalAsync(new() { StorageFolder = folder.Path });
        await using var other = await AirCluster.StartLocalAsync(new() { StorageFolder = folder.Path });

        Assert.Equal(10, await one.Data.Range(10).CountAsync());
        Assert.Equal(20, await other.Data.Range(20).CountAsync());
    }

    [Fact]
    public async Task Connect_NobodyThere_SaysWhereAndWhy()
    {
        var error = await Assert.ThrowsAsync<AirException>(() =>
            AirCluster.ConnectAsync("127.0.0.1:1", timeout: TimeSpan.FromMilliseconds(500))
        );

        Assert.Contains("127.0.0.1:1", error.Message, StringComparison.Ordinal);
        Assert.Contains("refused", error.Message, StringComparison.Ordinal);
        Assert.Contains("dotnet run --project silo", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("localhost:0")]
    [InlineData("localhost:banana")]
    [InlineData(",")]
    public async Task Connect_AddressThatIsNone_SaysSo(string address) =>
        await Assert.ThrowsAsync<FormatException>(() => AirCluster.ConnectAsync(address));

    [Fact]
    public async Task AddAir_SiloAndClientOfOnesOwn_Work()
    {
        using var folder = new TemporaryFolder();
        var ports = Air.Orleans.Hosting.FreePorts.Take(2);
        var silo = Host.CreateEmptyApplicationBuilder(null);
        silo.UseOrleans(builder =>
            builder
                .UseLocalhostClustering(
                    ports[0],
                    ports[1],
                    null,
                    LocalClusterName.ServiceId,
                    LocalClusterName.ClusterId
                )
                .AddAir(new() { StorageFolder = folder.Path, HttpPort = null })
        );
        using var siloHost = silo.Build();
        await siloHost.StartAsync();

        var client = Host.CreateEmptyApplicationBuilder(null);
        client.UseOrleansClient(builder =>
            builder.UseLocalhostClustering(ports[1], LocalClusterName.ServiceId, LocalClusterName.ClusterId).AddAir()
        );
        using var clientHost = client.Build();
        await clientHost.StartAsync();

        var air = clientHost.Services.GetRequiredService<IAirCluster>();
        Assert.Equal(569, await air.Data.ReadCsv(Repository.Data).CountAsync());

        await clientHost.StopAsync();
        await siloHost.StopAsync();
    }
}
