namespace Air.Orleans.Data.Tests;

/// <summary>One silo in this process, with a folder of its own for storage and input files.</summary>
public sealed class LocalCluster : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("air-data-test-").FullName;
    private AirCluster? _air;

    public AirCluster Air => _air!;

    public async Task InitializeAsync() =>
        _air = await AirCluster.StartLocalAsync(
            new()
            {
                StorageFolder = Path.Combine(_folder, "storage"),
                Resources = new() { Cpu = 2 },
                HttpPort = null,
            }
        );

    public string Csv(string content)
    {
        var path = Path.Combine(_folder, $"{Guid.NewGuid():N}.csv");
        File.WriteAllText(path, content);
        return path;
    }

    public string Folder(string name) => Directory.CreateDirectory(Path.Combine(_folder, name)).FullName;

    public async Task DisposeAsync()
    {
        await Air.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
