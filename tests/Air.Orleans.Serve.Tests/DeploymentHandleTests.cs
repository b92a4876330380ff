using System.Text.Json.Serialization;
using Air.Orleans.Serve.Tests.Cluster;

namespace Air.Orleans.Serve.Tests;

public sealed class DeploymentHandleTests(OneSilo silo) : IClassFixture<OneSilo>
{
    [Fact]
    public async Task PredictAsync_TypedRow_GivesTypedPrediction()
    {
        Assert.Equal(4.0, await silo.Linear.PredictAsync<Row, double>(new Row(12.5, 24)));
        Assert.Equal(4f, await silo.Linear.Handle<Row, float>().PredictAsync(new Row(12.5, 24)));
    }

    [Fact]
    public async Task PredictAsync_Dictionary_GivesTypedPrediction()
    {
        var row = new Dictionary<string, double> { ["b"] = 24, ["a"] = 12.5 };
        Assert.Equal(4.0, await silo.Linear.PredictAsync<Dictionary<string, double>, double>(row));
    }

    [Fact]
    public async Task PredictAsync_ManyRows_GivesThemInOrder()
    {
        var rows = Enumerable.Range(0, 500).Select(static i => new Row(i, 2 * i)).ToList();
        var predictions = await silo.Linear.PredictAsync<Row, double>(rows);
        Assert.Equal(
            rows.Select(static row => LinearModels.Expected(row.A, row.B)),
            predictions,
            static (expected, actual) => Math.Abs(expected - actual) < 1e-3
        );
        Assert.Empty(await silo.Linear.PredictAsync<Row, double>([]));
    }

    [Fact]
    public async Task PredictAsync_RowThatLacksAFeature_RaisesWithStatus400()
    {
        var row = new Dictionary<string, double> { ["a"] = 1 };
        var error = await Assert.ThrowsAsync<DeploymentException>(() =>
            silo.Linear.PredictAsync<Dictionary<string, double>, double>(row)
        );
        Assert.Equal(400, error.Status);
        Assert.Contains("'b'", error.Message);
    }

    [Fact]
    public async Task PredictAsync_AnotherTypeOfPrediction_SaysWhichWasAskedFor()
    {
        var error = await Assert.ThrowsAsync<DeploymentException>(() =>
            silo.Linear.PredictAsync<Row, Row>(new Row(1, 2))
        );
        Assert.Contains("cannot be read as Row", error.Message);
    }

    [Fact]
    public async Task GetAsync_KnownName_GivesAnEndpointThatDeletesNothing()
    {
        await using (var endpoint = await silo.Cluster.Serve.GetAsync("linear"))
        {
            Assert.Equal(silo.Linear.Url, endpoint.Url);
        }

        Assert.Equal(4.0, await silo.Linear.PredictAsync<Row, double>(new Row(12.5, 24)));
    }

    [Fact]
    public async Task GetAsync_UnknownName_SuggestsTheOneMeant()
    {
        var error = await Assert.ThrowsAsync<DeploymentException>(() => silo.Cluster.Serve.GetAsync("linaer"));
        Assert.Equal(404, error.Status);
        Assert.Contains("Did you mean 'linear'?", error.Message);
    }

    [Fact]
    public async Task StatusAsync_TellsOfEveryReplica()
    {
        var status = Assert.Single(await silo.Cluster.Serve.StatusAsync(), static it => it.Name == "linear");
        Assert.Equal("/linear", status.Route);
        Assert.Equal([0, 1], status.Replicas.Select(static replica => replica.Index));
        Assert.All(status.Replicas, static replica => Assert.True(replica.IsReady));
    }

    [Theory]
    [InlineData("a b", "/x", 1, "name 'a b'")]
    [InlineData("x", "x", 1, "Route is 'x'")]
    [InlineData("x", "/-/x", 1, "Route is '/-/x'")]
    [InlineData("x", "/x/", 1, "Route is '/x/'")]
    [InlineData("x", "/x?y=1", 1, "Route is '/x?y=1'")]
    [InlineData("x", "/x", 0, "Replicas is 0")]
    public async Task RunAsync_ValueOutOfRange_SaysWhich(string name, string route, int replicas, string expected)
    {
        var deployment = PredictorDeployment.From(await silo.Cluster.LinearAsync(), new LinearPredictor()) with
        {
            Route = route,
            Replicas = replicas,
        };
        var error = await Assert.ThrowsAsync<ArgumentException>(() => silo.Cluster.Serve.RunAsync(deployment, name));
        Assert.Contains(expected, error.Message);
    }

    [Fact]
    public async Task RunAsync_RouteOfAnotherDeployment_IsRefused()
    {
        var deployment = PredictorDeployment.From(await silo.Cluster.LinearAsync(), new LinearPredictor()) with
        {
            Route = "/linear",
        };
        var error = await Assert.ThrowsAsync<DeploymentException>(() => silo.Cluster.Serve.RunAsync(deployment, "b"));
        Assert.Contains("that of 'linear' already", error.Message);
    }

    private sealed record Row([property: JsonPropertyName("a")] double A, [property: JsonPropertyName("b")] double B);
}
