namespace Air.Orleans.Tune.Tests.Cluster;

/// <summary>A folder of a test's own, deleted after it.</summary>
internal sealed class TuneFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("air-tune-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
