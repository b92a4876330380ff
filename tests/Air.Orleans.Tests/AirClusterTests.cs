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
    public async Task StartLocal_FirstSiloStopped_OthersGoOn()
    {
        using var folder = new TemporaryFolder();
        await using var air = await AirCluster.StartLocalAsync(new() { StorageFolder = folder.Path }, silos: 3);
        var hosts = air.Hosts;

        await hosts[1].StopAsync();

        Assert.Equal(10, await air.Data.Range(10).CountAsync());
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(0, true)]
    [InlineData(1, false)]
    [InlineData(1, true)]
    public async Task StartLocal_ASiloFails_ThrowsItsOwnError(int silo, bool inConstruction)
    {
        using var folder = new TemporaryFolder();
        var built = 0;

        var error = await Assert.ThrowsAnyAsync<Exception>(() =>
            AirCluster.StartLocalAsync(
                new() { StorageFolder = folder.Path },
                silos: 2,
                logging =>
                {
                    if (built++ == silo)
                    {
                        logging.Services.AddSingleton<IHostedService>(_ => new FailingService(inConstruction));
                    }
                }
            )
        );

        Assert.Equal("this silo fails", error.Message);
    }

    private sealed class FailingService : IHostedService
    {
        public FailingService(bool inConstruction)
        {
            if (inConstruction)
            {
                throw new InvalidOperationException("this silo fails");
            }
        }

        public Task StartAsync(CancellationToken cancellationToken) =>
            throw new InvalidOperationException("this silo fails");

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }

    [Fact]
    public async Task Connect_NobodyThere_SaysWhereAndWhy()
    {
        using var folder = new TemporaryFolder();
        var uri = ClusterUri.OfFolder(folder.Path).ToString();

        var error = await Assert.ThrowsAsync<AirException>(() =>
            AirCluster.ConnectAsync(uri, timeout: TimeSpan.FromMilliseconds(500))
        );

        Assert.Contains($"cluster 'air' at '{uri}'", error.Message, StringComparison.Ordinal);
        Assert.Contains("no silo is active there", error.Message, StringComparison.Ordinal);
        Assert.Contains("dotnet run --project silo", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("redis://127.0.0.1:1", "Redis at 127.0.0.1:1 refused")]
    [InlineData("postgresql://air@127.0.0.1:1/air", "PostgreSQL at 127.0.0.1:1 refused")]
    public async Task Connect_ServerThatIsDown_NamesHostPortAndCause(string uri, string start)
    {
        var error = await Assert.ThrowsAsync<AirException>(() => AirCluster.ConnectAsync(uri));

        Assert.StartsWith(start, error.Message, StringComparison.Ordinal);
        Assert.Contains("refused: ", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Theory]
    [InlineData("azure://", "Air.Orleans.Azure")]
    [InlineData("etcd://host", "'etcd', which keeps no membership here")]
    public async Task Connect_SchemeWithoutAProvider_SaysWhatToAdd(string uri, string advice)
    {
        var error = await Assert.ThrowsAsync<AirException>(() => AirCluster.ConnectAsync(uri));

        Assert.Contains(advice, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("localhost:30000")]
    [InlineData("banana")]
    [InlineData("")]
    public async Task Connect_TextThatIsNoUri_NamesTheForms(string uri)
    {
        var error = await Assert.ThrowsAsync<FormatException>(() => AirCluster.ConnectAsync(uri));

        Assert.Contains("file:///path, redis://host:port[/db]", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AddAir_SiloAndClientOfOnesOwn_Work()
    {
        using var folder = new TemporaryFolder();
        var uri = ClusterUri.OfFolder(folder.Path);
        var silo = Host.CreateEmptyApplicationBuilder(null);
        silo.UseOrleans(builder => builder.UseAirCluster(uri).AddAir(new() { HttpPort = null }));
        using var siloHost = silo.Build();
        await siloHost.StartAsync();

        var client = Host.CreateEmptyApplicationBuilder(null);
        client.UseOrleansClient(builder => builder.UseAirCluster(uri).AddAir());
        using var clientHost = client.Build();
        await clientHost.StartAsync();

        var air = clientHost.Services.GetRequiredService<IAirCluster>();
        Assert.Equal(569, await air.Data.ReadCsv(Repository.Data).CountAsync());

        await clientHost.StopAsync();
        await siloHost.StopAsync();
    }
}
