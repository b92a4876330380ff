namespace Air.Orleans.Train.Tests.Cluster;

/// <summary>One silo with two CPUs, for the tests of a class.</summary>
public sealed class TrainFixture : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("air-train-").FullName;

    public AirCluster Air { get; private set; } = null!;

    public static AirOptions Options(string folder) =>
        new()
        {
            StorageFolder = folder,
            Resources = new() { Cpu = 2 },
            HttpPort = null,
        };

    public async Task InitializeAsync() => Air = await AirCluster.StartLocalAsync(Options(_folder));

    public async Task DisposeAsync()
    {
        await Air.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
