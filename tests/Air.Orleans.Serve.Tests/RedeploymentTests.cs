using System.Net;
using Air.Orleans.Serve.Tests.Cluster;

namespace Air.Orleans.Serve.Tests;

public sealed class RedeploymentTests
{
    private const string Row = """{"a": 10, "b": 20}""";

    [Fact]
    public async Task RunAsync_AgainUnderLoad_AnswersEveryRequestAndSwitches()
    {
        await using var cluster = await ServeCluster.StartAsync();
        var endpoint = await RunAsync(cluster, bias: 1, replicas: 2);
        using var stop = new CancellationTokenSource();
        var clients = Enumerable.Range(0, 8).Select(_ => Task.Run(() => CallUntilAsync(stop.Token))).ToArray();
        for (var bias = 2; bias <= 6; bias++)
        {
            endpoint = await RunAsync(cluster, bias, replicas: 1 + (bias % 3));
            Assert.Equal([bias], await cluster.PostAsync(endpoint.Url, Row).PredictionsAsync());
        }

        await stop.CancelAsync();
        var answers = await Task.WhenAll(clients);
        Assert.All(answers, seen => Assert.Equal(seen.Order(), seen));
        Assert.All(answers, static seen => Assert.NotEmpty(seen));

        async Task<List<double>> CallUntilAsync(CancellationToken token)
        {
            var seen = new List<double>();
            while (!token.IsCancellationRequested)
            {
                seen.Add((await cluster.PostAsync(endpoint.Url, Row).PredictionsAsync())[0]);
            }

            return seen;
        }
    }

    [Fact]
    public async Task RunAsync_AgainWithAnotherRoute_ForgetsTheRouteBefore()
    {
        await using var cluster = await ServeCluster.StartAsync();
        var before = await RunAsync(cluster, bias: 1, route: "/old");
        var after = await RunAsync(cluster, bias: 2, route: "/new");
        Assert.Equal([2.0], await cluster.PostAsync(after.Url, Row).PredictionsAsync());
        await cluster.PostAsync(before.Url, Row).ProblemAsync(HttpStatusCode.NotFound);
        await before.DisposeAsync();
        Assert.Equal([2.0], await cluster.PostAsync(after.Url, Row).PredictionsAsync());
    }

    [Fact]
    public async Task RunAsync_NewVersionCannotLoad_KeepsTheOneBefore()
    {
        await using var cluster = await ServeCluster.StartAsync();
        var endpoint = await RunAsync(cluster, bias: 1);
        var broken = PredictorDeployment.From(await cluster.LinearAsync(), new BrokenPredictor());
        var error = await Assert.ThrowsAsync<DeploymentException>(() => cluster.Serve.RunAsync(broken, "model"));
        Assert.Contains("there is no file 'model.bin'", error.Message);
        Assert.Contains("Replica 0 of 'model'", error.Message);
        Assert.Equal([1.0], await cluster.PostAsync(endpoint.Url, Row).PredictionsAsync());
        Assert.Equal(endpoint.Version, Assert.Single(await cluster.Serve.StatusAsync()).Version);
    }

    [Fact]
    public async Task DisposeAsync_OfTheEndpoint_EndsTheDeploymentAndItsModel()
    {
        await using var cluster = await ServeCluster.StartAsync();
        var gate = Guid.NewGuid().ToString();
        var endpoint = await cluster.Serve.RunAsync(
            PredictorDeployment.From(await cluster.LinearAsync(), new GatedPredictor(gate)),
            "model"
        );
        Assert.Equal([0.0], await cluster.PostAsync(endpoint.Url, Row).PredictionsAsync());
        await endpoint.DisposeAsync();
        var detail = await cluster.PostAsync(endpoint.Url, Row).ProblemAsync(HttpStatusCode.NotFound);
        Assert.Contains("routes: none", detail);
        Assert.Equal(1, Gate.Of(gate).Disposed);
        var error = await Assert.ThrowsAsync<DeploymentException>(() =>
            endpoint.PredictAsync<Dictionary<string, double>, double>(new() { ["a"] = 1, ["b"] = 2 })
        );
        Assert.Equal(404, error.Status);
        Assert.False(await cluster.Serve.DeleteAsync("model"));
        Assert.Empty(await cluster.Serve.StatusAsync());
    }

    [Fact]
    public async Task RunAsync_AfterADeletion_ServesAgain()
    {
        await using var cluster = await ServeCluster.StartAsync();
        await RunAsync(cluster, bias: 1);
        Assert.True(await cluster.Serve.DeleteAsync("model"));
        var endpoint = await RunAsync(cluster, bias: 2);
        Assert.Equal([2.0], await cluster.PostAsync(endpoint.Url, Row).PredictionsAsync());
    }

    [Fact]
    public async Task Cluster_StartedAgainOnItsStorage_ServesWhatItServed()
    {
        var folder = Directory.CreateTempSubdirectory("air-serve-").FullName;
        try
        {
            await using (var before = await ServeCluster.StartAsync(folder: folder))
            {
                await RunAsync(before, bias: 5, replicas: 2);
            }

            await using var cluster = await ServeCluster.StartAsync(folder: folder);
            var endpoint = await cluster.Serve.GetAsync("model");
            Assert.Equal([5.0], await cluster.PostAsync(endpoint.Url, Row).PredictionsAsync());
            Assert.True(await cluster.Serve.DeleteAsync("model"));
            await cluster.PostAsync(endpoint.Url, Row).ProblemAsync(HttpStatusCode.NotFound);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<ServeEndpoint> RunAsync(
        ServeCluster cluster,
        double bias,
        int replicas = 1,
        string? route = null
    ) =>
        await cluster.Serve.RunAsync(
            PredictorDeployment.From(await cluster.LinearAsync(bias), new LinearPredictor()) with
            {
                Replicas = replicas,
                Route = route,
            },
            "model"
        );
}
