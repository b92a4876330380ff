using System.Net;
using System.Text;
using System.Text.Json;
using Air.Orleans.Serve.Grains;
using Air.Orleans.Serve.Http;
using Air.Orleans.Serve.Replicas;
using Air.Orleans.Serve.Tests.Cluster;

namespace Air.Orleans.Serve.Tests.Http;

public sealed class HttpContractTests(OneSilo silo) : IClassFixture<OneSilo>
{
    private ServeCluster Cluster => silo.Cluster;

    [Fact]
    public async Task Post_OneRow_GivesItsPredictionThroughThePreprocessor()
    {
        var predictions = await Cluster.PostAsync(silo.Linear.Url, """{"a": 12.5, "b": 24}""").PredictionsAsync();
        Assert.Equal([4.0], predictions);
    }

    [Theory]
    [InlineData("""[{"a": 10, "b": 20}, {"b": 28, "a": 20}]""")]
    [InlineData("""{"rows": [{"a": 10, "b": 20}, {"b": 28, "a": 20}]}""")]
    public async Task Post_SeveralRows_GivesAPredictionForEachInOrder(string body)
    {
        Assert.Equal([0.0, 10.0], await Cluster.PostAsync(silo.Linear.Url, body).PredictionsAsync());
    }

    [Fact]
    public async Task Post_ColumnsThatTheModelDoesNotNeed_AreIgnored()
    {
        var body = """{"id": "x7", "a": 10, "seen": true, "b": 20, "note": null}""";
        Assert.Equal([0.0], await Cluster.PostAsync(silo.Linear.Url, body).PredictionsAsync());
    }

    [Theory]
    [InlineData("", "empty")]
    [InlineData("{\"a\": 1,\n \"b\": }", "Line 2, byte 7")]
    [InlineData("""[{"a": 1, "b": 2}""", "Line 1")]
    [InlineData("""{"a": 1, "b": 2} x""", "Line 1, byte 18")]
    [InlineData("""{"a": 1, "b": 2,}""", "Line 1")]
    [InlineData("17", "is a number; it must be an object (one row), an array of objects")]
    [InlineData("null", "is null; it must be an object")]
    public async Task Post_MalformedJson_Gives400WithThePosition(string body, string expected)
    {
        Assert.Contains(
            expected,
            await Cluster.PostAsync(silo.Linear.Url, body).ProblemAsync(HttpStatusCode.BadRequest)
        );
    }

    [Fact]
    public async Task Post_InvalidUtf8_Gives400()
    {
        byte[] body = [.. """{"a": 1, "b": 2, "c": """u8, (byte)'"', 0xFF, 0xFE, (byte)'"', (byte)'}'];
        var detail = await Cluster
            .Http.PostAsync(silo.Linear.Url, new ByteArrayContent(body))
            .ProblemAsync(HttpStatusCode.BadRequest);
        Assert.Contains("byte", detail);
    }

    [Theory]
    [InlineData("[]", "There are no rows")]
    [InlineData("""{"rows": []}""", "There are no rows")]
    [InlineData("{}", "Row 0 has no property")]
    [InlineData("""[{"a": 1, "b": 2}, 5]""", "Row 1 is a number")]
    [InlineData("""{"rows": [{"a": 1, "b": 2}], "model": 2}""", "Beside \"rows\"")]
    [InlineData("""{"a": [1, 2], "b": 2}""", "Row 0, 'a' is an array")]
    [InlineData("""{"a": 1, "b": {"c": 2}}""", "Row 0, 'b' is an object")]
    [InlineData("""{"a": 1, "a": 2, "b": 2}""", "Row 0 has 'a' twice")]
    [InlineData("""{"a": 1e999, "b": 2}""", "Row 0, 'a' is a number outside of the range")]
    [InlineData("""[{"a": 1, "b": 2}, {"a": "x", "b": 2}]""", "Row 1, 'a' is a Text, and a Number")]
    public async Task Post_JsonThatIsNoRows_Gives400ThatSaysWhere(string body, string expected)
    {
        Assert.Contains(
            expected,
            await Cluster.PostAsync(silo.Linear.Url, body).ProblemAsync(HttpStatusCode.BadRequest)
        );
    }

    [Theory]
    [InlineData("""{"a": 1}""", "Row 0", "'b'", "")]
    [InlineData("""{"a": 1, "B": 2}""", "Row 0", "column 'b' is not in the rows", "Did you mean 'B'?")]
    [InlineData("""[{"a": 1, "b": 2}, {"a": 1}]""", "Row 1 has no value for 'b'", "'b'", "")]
    [InlineData("""[{"a": 1, "b": 2}, {"a": 1, "bb": 2}]""", "Row 1 has no value for 'b'", "'b'", "Did you mean 'bb'?")]
    [InlineData("""[{"a": 1, "b": 2}, {"a": 1, "b": 3}, {"a": null, "b": 2}]""", "Row 2 has no value for 'a'", "", "")]
    [InlineData("""{"a": null, "b": 2}""", "Row 0 has no value for 'a'", "", "")]
    [InlineData("""{"a": "twelve", "b": 2}""", "Row 0", "'a'", "numeric")]
    [InlineData("""{"a": true, "b": 2}""", "Row 0", "'a'", "numeric")]
    public async Task Post_RowThatTheModelCannotTake_Gives400WithRowAndColumn(
        string body,
        string row,
        string column,
        string hint
    )
    {
        var detail = await Cluster.PostAsync(silo.Linear.Url, body).ProblemAsync(HttpStatusCode.BadRequest);
        Assert.Contains(row, detail);
        Assert.Contains(column, detail);
        Assert.Contains(hint, detail);
    }

    [Fact]
    public async Task Post_TooManyBytes_Gives413()
    {
        var body = new string(' ', HttpIngress.MaxBodyBytes) + """{"a": 1, "b": 2}""";
        var detail = await Cluster.PostAsync(silo.Linear.Url, body).ProblemAsync(HttpStatusCode.RequestEntityTooLarge);
        Assert.Contains("4194304 bytes", detail);
    }

    [Fact]
    public async Task Post_FewBytesThatMakeManyCells_Gives413()
    {
        var wide = string.Join(",", Enumerable.Range(0, 2000).Select(static i => $"\"c{i}\":1"));
        var body = $"[{{{wide}}}{string.Concat(Enumerable.Repeat(",{\"a\":1}", 5000))}]";
        var detail = await Cluster.PostAsync(silo.Linear.Url, body).ProblemAsync(HttpStatusCode.RequestEntityTooLarge);
        Assert.Contains("cells", detail);
    }

    [Fact]
    public async Task Post_UnknownRoute_Gives404ThatListsTheRoutes()
    {
        var detail = await Cluster
            .PostAsync(new Uri(silo.Linear.Url!, "/liner"), """{"a": 1}""")
            .ProblemAsync(HttpStatusCode.NotFound);
        Assert.Contains("'/linear'", detail);
        Assert.Contains("Did you mean '/linear'?", detail);
    }

    [Fact]
    public async Task Get_RouteOfADeployment_Gives405()
    {
        var detail = await Cluster.Http.GetAsync(silo.Linear.Url).ProblemAsync(HttpStatusCode.MethodNotAllowed);
        Assert.Contains("POST", detail);
    }

    [Fact]
    public async Task Post_HealthAndRoutes_Give405()
    {
        foreach (var path in new[] { "/-/healthz", "/-/routes" })
        {
            var detail = await Cluster
                .PostAsync(new Uri(silo.Linear.Url!, path), "{}")
                .ProblemAsync(HttpStatusCode.MethodNotAllowed);
            Assert.Contains("GET", detail);
        }
    }

    [Fact]
    public async Task Get_HealthAndRoutes_Answer()
    {
        Assert.Contains("ok", await Cluster.Http.GetStringAsync(new Uri(silo.Linear.Url!, "/-/healthz")));
        var routes = JsonSerializer.Deserialize<Dictionary<string, string>>(
            await Cluster.Http.GetStringAsync(new Uri(silo.Linear.Url!, "/-/routes"))
        );
        Assert.Equal("linear", routes!["/linear"]);
    }

    [Fact]
    public async Task Predict_InProcessAndByGrainCall_GiveTheSameBytes()
    {
        var key = $"linear/{silo.Linear.Version}/0";
        var local = Cluster.Services.GetRequiredService<ReplicaDirectory>().Find(key)!;
        var remote = Cluster.Services.GetRequiredService<IGrainFactory>().GetGrain<IReplicaGrain>(key);
        foreach (var text in new[] { """[{"a": 0.1, "b": 3}, {"a": 7, "b": -1e-7}]""", """{"a": 1}""", "{" })
        {
            var body = Encoding.UTF8.GetBytes(text);
            var (here, there) = (await local.PredictAsync(body), await remote.PredictAsync(Guid.NewGuid(), body));
            Assert.Equal(here.Status, there.Status);
            Assert.Equal(here.Body, there.Body);
        }
    }

    [Fact]
    public async Task Post_ModelWithSeveralColumns_GivesObjectsWithNullForNaN()
    {
        var checkpoint = await Cluster.CommitAsync(new CheckpointContent().With("empty.bin", new byte[] { 1 }));
        await using var endpoint = await Cluster.Serve.RunAsync(
            PredictorDeployment.From(checkpoint, new ManyColumnsPredictor()) with
            {
                Route = "/many/columns",
                FeatureColumns = ["a", "b"],
            },
            "many"
        );
        Assert.Equal("/many/columns", endpoint.Url!.AbsolutePath);
        using var response = await Cluster.PostAsync(endpoint.Url, """[{"a":-1,"b":2,"z":0},{"b":0.5,"a":3}]""");
        Assert.Equal(
            """{"predictions":[{"number":null,"text":"a is \u0022-1\u0022","vector":[-1,2]},"""
                + """{"number":3,"text":"a is \u00223\u0022","vector":[3,0.5]}]}""",
            await response.Content.ReadAsStringAsync()
        );
        var detail = await Cluster.PostAsync(endpoint.Url, """{"a":1}""").ProblemAsync(HttpStatusCode.BadRequest);
        Assert.Contains("'b'", detail);
        var typed = await endpoint.PredictAsync<Dictionary<string, double>, ManyColumns>(
            new() { ["a"] = 3, ["b"] = 1 }
        );
        Assert.Equal(3, typed.Number);
        Assert.Equal([3f, 1f], typed.Vector);
    }

    private sealed record ManyColumns(double? Number, string Text, float[] Vector);
}
