namespace Air.Orleans.Cluster.Tests;

[Collection(Name)]
public sealed class FileQuickstartFaultTests(FileQuickstartFaultTests.FileCluster cluster)
    : QuickstartFaultTests(cluster),
        IClassFixture<FileQuickstartFaultTests.FileCluster>
{
    public sealed class FileCluster : QuickstartFaultCluster
    {
        protected override Task<string?> ClusterAsync() => Task.FromResult<string?>($"file:{Folder}/cluster");
    }
}
