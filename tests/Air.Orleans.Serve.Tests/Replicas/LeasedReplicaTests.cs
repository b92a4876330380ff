using System.Text;
using Air.Orleans.Core.Resilience;
using Air.Orleans.Serve.Grains;
using Air.Orleans.Serve.Replicas;
using Air.Orleans.Serve.Tests.Cluster;
using Orleans.Core.Internal;

namespace Air.Orleans.Serve.Tests.Replicas;

public sealed class LeasedReplicaTests
{
    private static readonly byte[] Row = Encoding.UTF8.GetBytes("""{"a": 10, "b": 20}""");

    [Fact]
    public async Task Predict_ReplicaWokenWithoutItsLease_LoadsNothing()
    {
        await using var cluster = await ServeCluster.StartAsync();
        await using var endpoint = await RunAsync(cluster, new ResourceSet { Cpu = 0.5 });

        // Nobody places a third replica, so that only requests wake it.
        var answer = await Replica(cluster, endpoint, 2).PredictAsync(Guid.NewGuid(), Row);

        Assert.Equal(ReplicaOutcome.Gone, answer.Outcome);
        var placed = await Replica(cluster, endpoint, 1).PredictAsync(Guid.NewGuid(), Row);
        Assert.Equal(ReplicaOutcome.Answered, placed.Outcome);
    }

    [Fact]
    public async Task Predict_ReplicaThatNeedsNothing_LoadsWhoeverWakesIt()
    {
        await using var cluster = await ServeCluster.StartAsync();
        await using var endpoint = await RunAsync(cluster, null);

        var answer = await Replica(cluster, endpoint, 2).PredictAsync(Guid.NewGuid(), Row);

        Assert.Equal(ReplicaOutcome.Answered, answer.Outcome);
    }

    [Fact]
    public async Task Replica_WokenByARequestFirst_IsPlacedByTheControllerAgain()
    {
        await using var cluster = await ServeCluster.StartAsync(silos: 2);
        await using var endpoint = await RunAsync(cluster, new ResourceSet { Cpu = 0.5 });
        var replica = Replica(cluster, endpoint, 0);

        await replica.AsReference<IGrainManagementExtension>().DeactivateOnIdle();
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        // As the router does: a call that two silos, which both wake the replica, hand to and fro is made again.
        while (
            (await GrainCalls.RetryAsync(() => replica.PredictAsync(Guid.NewGuid(), Row), limit.Token)).Outcome
            != ReplicaOutcome.Answered
        ) { }

        var stands = (await replica.StatusAsync()).Silo;
        var leases = (await cluster.Resources.DescribeAsync()).Leases;
        Assert.Equal(stands, Assert.Single(leases).Bundles[0].Silo?.ToString());
    }

    private static IReplicaGrain Replica(ServeCluster cluster, ServeEndpoint endpoint, int index) =>
        cluster
            .Services.GetRequiredService<IGrainFactory>()
            .GetGrain<IReplicaGrain>($"{endpoint.Name}/{endpoint.Version}/{index}");

    private static async Task<ServeEndpoint> RunAsync(ServeCluster cluster, ResourceSet? needs) =>
        await cluster.Serve.RunAsync(
            PredictorDeployment.From(await cluster.LinearAsync(4), new LinearPredictor()) with
            {
                Replicas = 2,
                ResourcesPerReplica = needs,
            },
            "leased"
        );
}
