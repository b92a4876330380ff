using Air.Orleans.Quickstart;

namespace Air.Orleans.Cluster.Tests;

/// <summary>The quick start while the silo of each role is killed: the numbers are those of an undisturbed run.</summary>
public abstract class QuickstartFaultTests(QuickstartFaultCluster cluster)
{
    /// <summary>The classes run one after the other, as each has three silos.</summary>
    public const string Name = "quick start under faults";

    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(4);

    [RequiresFact]
    public Task Quickstart_SiloWithBlocksKilled_GivesTheSameNumbers() =>
        CheckAsync(new("air.data.block", "train", Since: "read"));

    [RequiresFact]
    public Task Quickstart_SiloOfTheTrainRunKilled_GivesTheSameNumbers() =>
        CheckAsync(new("air.train.run", "train", After: 0.1, Since: "train", IsReplaced: true));

    [RequiresFact]
    public Task Quickstart_SiloOfTheWorkersKilled_GivesTheSameNumbers() =>
        CheckAsync(new("air.train.worker", "train", After: 0.1, Since: "train"));

    [RequiresFact]
    public Task Quickstart_SiloOfTheSearchKilled_GivesTheSameNumbers() =>
        CheckAsync(new("air.tune.run", "tune", After: 0, Since: "tune", IsReplaced: true));

    [RequiresFact]
    public Task Quickstart_SiloOfATrialKilled_GivesTheSameNumbers() =>
        CheckAsync(new("air.train.worker", "tune", Since: "tune"));

    [RequiresFact]
    public Task Quickstart_SiloOfTheLedgerKilled_GivesTheSameNumbers() =>
        CheckAsync(new("air.core.ledger", "tune", After: 0));

    [RequiresFact]
    public Task Quickstart_SiloOfTheBookOfRunsKilled_GivesTheSameNumbers() =>
        CheckAsync(new("air.core.runs", "train", IsReplaced: true));

    [RequiresFact]
    public Task Quickstart_SiloOfALoadingReplicaKilled_GivesTheSameNumbers() =>
        CheckAsync(new("air.serve.replica", "serve", Since: "serve", IsReplaced: true));

    /// <summary>Its endpoint's URL is on a silo with a replica; the request to it comes after the kill.</summary>
    [RequiresFact]
    public Task Quickstart_SiloOfAReplicaAndItsIngressKilled_GivesTheSameNumbers() =>
        CheckAsync(new("air.serve.replica", "serve", After: 0.5, Since: "serve", KeyEnd: "/0"));

    private async Task CheckAsync(SiloRole role)
    {
        var expected = QuickstartNumbers.Of(await QuickstartFaultCluster.Undisturbed);
        var killer = new SiloKiller(cluster.Silos, role);
        try
        {
            var program = new QuickstartProgram(cluster.Silos.Air, QuickstartFaultCluster.Options, killer);
            var found = QuickstartNumbers.Of(await program.RunAsync().WaitAsync(Limit));

            await killer.Killed.WaitAsync(Limit);
            Assert.Equal(expected, found);
        }
        finally
        {
            await killer.RestoreAsync().WaitAsync(Limit);
        }
    }
}
