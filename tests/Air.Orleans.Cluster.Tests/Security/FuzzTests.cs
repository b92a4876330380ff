using Air.Orleans.Tests;

namespace Air.Orleans.Cluster.Tests.Security;

/// <summary>A short run of what 'bench -- fuzz' does for minutes.</summary>
public sealed class FuzzTests
{
    private const long MostBytes = 256L << 20;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Silo_UnderPeersThatMeanNoGood_AnswersAndKeepsNothingOfThem(bool isSecure)
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        using var folder = new TemporaryFolder();

        var report = await FuzzedSilo.RunAsync(folder.Path, TimeSpan.FromSeconds(12), seed: 4, isSecure);

        Assert.True(report.Connections > 50, $"{report}");
        Assert.True(report.SocketsAfter <= report.SocketsBefore, $"{report}");
        Assert.True(report.MemoryGrown < MostBytes, $"{report}");
    }
}
