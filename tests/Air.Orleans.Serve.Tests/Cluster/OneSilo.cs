namespace Air.Orleans.Serve.Tests.Cluster;

/// <summary>One silo with the deployment "linear" on route "/linear", for tests that change nothing of it.</summary>
public sealed class OneSilo : IAsyncLifetime
{
    public ServeCluster Cluster { get; private set; } = null!;

    public ServeEndpoint Linear { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        Cluster = await ServeCluster.StartAsync();
        Linear = await Cluster.Serve.RunAsync(
            PredictorDeployment.From(await Cluster.LinearAsync(), new LinearPredictor()) with
            {
                Replicas = 2,
            },
            "linear"
        );
    }

    public async Task DisposeAsync() => await Cluster.DisposeAsync();
}
