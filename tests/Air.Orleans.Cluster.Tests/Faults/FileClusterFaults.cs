using Air.Orleans.Core;
using Air.Orleans.Core.Clustering;
using Air.Orleans.Core.Clustering.Membership;
using Air.Orleans.Core.Resilience;
using Air.Orleans.Data;
using Air.Orleans.Tests;
using Air.Orleans.Train;
using Microsoft.Extensions.DependencyInjection;

namespace Air.Orleans.Cluster.Tests.Faults;

public sealed class FileClusterFaults : ClusterFaults
{
    protected override string Place => $"file:{Folder}/cluster";

    [Fact]
    public async Task Client_WholeClusterAway_CallsFailAsTransientUntilItIsBack()
    {
        using var folder = new TemporaryFolder();
        await using var silos = await SiloProcesses.StartInFolderAsync(folder.Path, count: 1);
        Assert.Equal(10, await silos.Air.Data.Range(10).CountAsync());

        await silos.KillAllAsync();
        var grains = silos.Air.Services.GetRequiredService<IGrainFactory>();
        var error = await Assert.ThrowsAnyAsync<Exception>(() => grains.GetGrain<IManagementGrain>(0).GetHosts());
        await silos.StartAllAsync(1);

        Assert.True(GrainCalls.IsTransient(error), error.ToString());
        Assert.Equal(10, await silos.Air.Data.Range(10).CountAsync());
    }

    [Fact]
    public async Task Silos_AllComputingOnEveryCore_NoneIsDeclaredDead()
    {
        using var folder = new TemporaryFolder();
        await using var silos = await SiloProcesses.StartInFolderAsync(folder.Path);

        var runs = Enumerable
            .Range(0, 3)
            .Select(_ =>
                silos.Air.FitAsync(
                    new DataParallelTrainer<SpinningParameters>(new SpinningLoop())
                    {
                        Parameters = new(),
                        Datasets = { ["train"] = silos.Air.Data.Range(2, blocks: 2) },
                        Scaling = new() { Workers = 2 },
                    }
                )
            )
            .ToList();
        var results = await Task.WhenAll(runs).WaitAsync(TimeSpan.FromMinutes(4));

        Assert.All(results, static result => Assert.Equal(1, result.Attempts));
        using var table = new FileMembershipTable(
            FileClusterProvider.MembershipFolder(ClusterUri.Parse(silos.Cluster)),
            TimeProvider.System
        );
        Assert.Equal(
            [SiloStatus.Active, SiloStatus.Active, SiloStatus.Active],
            table.Peek().Rows.Values.Select(static row => row.Status)
        );
    }
}
