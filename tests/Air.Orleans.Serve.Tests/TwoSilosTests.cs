using System.Net;
using Air.Orleans.Serve.Http;
using Air.Orleans.Serve.Tests.Cluster;

namespace Air.Orleans.Serve.Tests;

public sealed class TwoSilosTests
{
    private const string Row = """{"a": 10, "b": 20}""";

    [Fact]
    public async Task RunAsync_TwoReplicas_StandOnBothSilosAndBothIngressesAnswerAtOnce()
    {
        await using var cluster = await ServeCluster.StartAsync(silos: 2);
        var urls = await UrlsAsync(cluster);
        for (var bias = 1; bias <= 3; bias++)
        {
            await RunAsync(cluster, bias, replicas: 2);
            foreach (var url in urls)
            {
                Assert.Equal([bias], await cluster.PostAsync(url, Row).PredictionsAsync());
            }
        }

        var status = Assert.Single(await cluster.Serve.StatusAsync());
        Assert.Equal(2, status.Replicas.Select(static replica => replica.Silo).Distinct().Count());
        Assert.True(await cluster.Serve.DeleteAsync("model"));
        foreach (var url in urls)
        {
            await cluster.PostAsync(url, Row).ProblemAsync(HttpStatusCode.NotFound);
        }
    }

    [Fact]
    public async Task Post_ToASiloWithoutReplica_IsAnsweredByTheOther()
    {
        await using var cluster = await ServeCluster.StartAsync(silos: 2);
        var urls = await UrlsAsync(cluster);
        await RunAsync(cluster, 1, replicas: 1);
        foreach (var url in urls)
        {
            var answers = await Task.WhenAll(
                Enumerable.Range(0, 50).Select(i => cluster.PostAsync(url, Row).PredictionsAsync())
            );
            Assert.All(answers, static answer => Assert.Equal([1.0], answer));
            await cluster.PostAsync(url, """{"a": 1}""").ProblemAsync(HttpStatusCode.BadRequest);
        }
    }

    [Fact]
    public async Task Post_AfterASiloLeft_IsAnsweredByTheRest()
    {
        await using var cluster = await ServeCluster.StartAsync(silos: 2);
        var url = (await UrlsAsync(cluster))[0];
        await RunAsync(cluster, 4, replicas: 2);
        await cluster.StopSiloAsync(1);
        for (var i = 0; i < 20; i++)
        {
            Assert.Equal([4.0], await cluster.PostAsync(url, Row).PredictionsAsync());
        }
    }

    [Fact]
    public async Task UrlsAsync_OfTwoSilos_NamesBothAndEachAnswersUntilOneLeaves()
    {
        await using var cluster = await ServeCluster.StartAsync(silos: 2);
        var all = await UrlsAsync(cluster);
        await using var endpoint = await RunAsync(cluster, 4, replicas: 1);

        var urls = await UrlsAsync(endpoint, count: 2);
        foreach (var url in urls)
        {
            Assert.Equal([4.0], await cluster.PostAsync(url, Row).PredictionsAsync());
        }

        await cluster.StopSiloAsync(1);

        Assert.Equal(all.ToHashSet(), urls.ToHashSet());
        Assert.Equal([all[0]], await UrlsAsync(endpoint, count: 1));
    }

    [Fact]
    public async Task RunAsync_WithoutHttp_AnswersHandlesAndHasNoUrl()
    {
        await using var cluster = await ServeCluster.StartAsync(httpPort: null);
        await using var endpoint = await RunAsync(cluster, 4, replicas: 1);
        Assert.Null(endpoint.Url);
        Assert.Equal(
            4.0,
            await endpoint.PredictAsync<Dictionary<string, double>, double>(new() { ["a"] = 10, ["b"] = 20 })
        );
    }

    [Fact]
    public async Task RunAsync_HttpPortTaken_SaysWhatToSet()
    {
        await using var holder = await ServeCluster.StartAsync();
        var taken = (await UrlsAsync(holder))[0].Port;
        await using var cluster = await ServeCluster.StartAsync(httpPort: taken);
        var error = await Assert.ThrowsAsync<DeploymentException>(() => RunAsync(cluster, 4, replicas: 1));
        Assert.Contains($"127.0.0.1:{taken}", error.Message);
        Assert.Contains("AirOptions.HttpPort", error.Message);
        Assert.Empty(await cluster.Serve.StatusAsync());
    }

    private static async Task<List<Uri>> UrlsAsync(ServeCluster cluster)
    {
        var urls = new List<Uri>();
        foreach (var silo in cluster.Silos)
        {
            var address = await silo.Services.GetRequiredService<HttpIngress>().AddressAsync;
            urls.Add(new Uri(address!, "/model"));
        }

        return urls;
    }

    /// <summary>The URLs once there are so many: a silo tells of its own when it has started.</summary>
    private static async Task<IReadOnlyList<Uri>> UrlsAsync(ServeEndpoint endpoint, int count)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while (true)
        {
            var urls = await endpoint.UrlsAsync(limit.Token);
            if (urls.Count == count)
            {
                return urls;
            }
        }
    }

    private static async Task<ServeEndpoint> RunAsync(ServeCluster cluster, double bias, int replicas) =>
        await cluster.Serve.RunAsync(
            PredictorDeployment.From(await cluster.LinearAsync(bias), new LinearPredictor()) with
            {
                Replicas = replicas,
            },
            "model"
        );
}
