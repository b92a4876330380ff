using Air.Orleans.Core;

namespace Air.Orleans.Tests;

public sealed class SilosTests
{
    [Fact]
    public async Task List_TwoSilos_TellsOfBoth()
    {
        using var folder = new TemporaryFolder();
        await using var air = await AirCluster.StartLocalAsync(
            new AirOptions { StorageFolder = folder.Path },
            silos: 2
        );

        var silos = await air.Silos.ListAsync();

        Assert.Equal(2, silos.Select(static silo => silo.Address).Distinct().Count());
        Assert.All(silos, static silo => Assert.Equal(Environment.ProcessId, silo.ProcessId));
        Assert.All(silos, static silo => Assert.InRange(silo.GatewayPort, 1, 65535));
        Assert.All(silos, static silo => Assert.True(silo.MemoryBytes > 1 << 20));
    }

    [Fact]
    public async Task Stop_EmbeddedSilo_IsRefusedAndItStays()
    {
        using var folder = new TemporaryFolder();
        await using var air = await AirCluster.StartLocalAsync(new AirOptions { StorageFolder = folder.Path });
        var silo = Assert.Single(await air.Silos.ListAsync());

        var error = await Assert.ThrowsAsync<AirException>(() => air.Silos.StopAsync(silo.Address));

        Assert.Contains("end that program instead", error.Message, StringComparison.Ordinal);
        Assert.Equal(silo.Address, Assert.Single(await air.Silos.ListAsync()).Address);
    }

    [Fact]
    public async Task Stop_SiloThatIsNotThere_DoesNothing()
    {
        using var folder = new TemporaryFolder();
        await using var air = await AirCluster.StartLocalAsync(new AirOptions { StorageFolder = folder.Path });

        await air.Silos.StopAsync("127.0.0.1:1");

        Assert.Single(await air.Silos.ListAsync());
    }
}
