using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Air.Orleans.Tests;

namespace Air.Orleans.Cluster.Tests.WebApp;

/// <summary>The sample application against silos that come, go and come again.</summary>
public sealed class WebApplicationTests
{
    /// <summary>What a call of the application may take when the cluster is away or comes back; the client's own limit is 10 s.</summary>
    private static readonly TimeSpan NoHang = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Application_ThroughTheLifeOfACluster_AnswersOrSaysWhyNotAndConnectsAgain()
    {
        using var folder = new TemporaryFolder();
        var cluster = $"file:{Path.Combine(folder.Path, "cluster")}";
        await using var web = await WebApplication.StartAsync(cluster);

        Assert.Contains("<h2 id=\"train-title\">", await web.Http.GetStringAsync("/"), StringComparison.Ordinal);
        await SaysWhyNotAsync(web);

        var silos = new List<SiloProcess> { await StartSiloAsync(cluster), await StartSiloAsync(cluster) };
        try
        {
            await web.UntilAsync(HttpStatusCode.OK, static http => http.GetAsync("/health"));
            await TrainsAndServesAsync(web);

            // Each silo in turn: the application's gateways are all others than those it began with.
            for (var index = 0; index < 2; index++)
            {
                silos[index].Kill();
                await PredictsAsync(web);
                await silos[index].DisposeAsync();
                silos[index] = await StartSiloAsync(cluster);
                await PredictsAsync(web);
            }

            silos.ForEach(static silo => silo.Kill());
            var health = await web.UntilAsync(
                HttpStatusCode.ServiceUnavailable,
                static http => http.GetAsync("/health")
            );
            Assert.NotEqual("", health.GetProperty("checks").GetProperty("air").GetProperty("description").GetString());
            await SaysWhyNotAsync(web);
            foreach (var silo in silos)
            {
                await silo.DisposeAsync();
            }

            silos.Clear();
            silos.Add(await StartSiloAsync(cluster));
            await web.UntilAsync(HttpStatusCode.OK, static http => http.GetAsync("/health"));
            var runs = await web.UntilAsync(HttpStatusCode.OK, static http => http.GetAsync("/api/runs"));
            Assert.Contains(runs.EnumerateArray(), static run => run.GetProperty("name").GetString() == "line");
            await PredictsAsync(web);

            await using var passing = await WebApplication.StartAsync(cluster, ("Web:PassKeysOn", "true"));
            await passing.UntilAsync(HttpStatusCode.OK, static http => http.GetAsync("/health"));
            await PredictsAsync(passing);
        }
        finally
        {
            foreach (var silo in silos)
            {
                await silo.DisposeAsync();
            }
        }
    }

    [Fact]
    public async Task Api_KeyIsConfigured_IsAskedFor()
    {
        using var folder = new TemporaryFolder();
        var cluster = $"file:{Path.Combine(folder.Path, "cluster")}";
        await using var web = await WebApplication.StartAsync(cluster, ("Web:ApiKey", "a key of the test"));

        using var without = await web.Http.GetAsync("/api/runs");
        using var wrong = await SendAsync("Bearer another");
        using var right = await SendAsync("Bearer a key of the test");

        Assert.Equal(HttpStatusCode.Unauthorized, without.StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, wrong.StatusCode);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, right.StatusCode);

        async Task<HttpResponseMessage> SendAsync(string authorization)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/api/runs");
            request.Headers.TryAddWithoutValidation("Authorization", authorization);
            return await web.Http.SendAsync(request);
        }
    }

    /// <summary>A silo that does not know the application's code.</summary>
    private static Task<SiloProcess> StartSiloAsync(string cluster) => SiloProcess.StartAsync(cluster, load: false);

    private static async Task SaysWhyNotAsync(WebApplication web)
    {
        var began = Stopwatch.GetTimestamp();
        foreach (var path in new[] { "/api/runs", "/api/cluster", "/api/models" })
        {
            using var answer = await web.Http.GetAsync(path).WaitAsync(NoHang);
            var problem = await answer.Content.ReadFromJsonAsync<JsonElement>();
            Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
            Assert.Equal("2", Assert.Single(answer.Headers.GetValues("Retry-After")));
            Assert.Contains("does not answer", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        }

        Assert.InRange(Stopwatch.GetElapsedTime(began), TimeSpan.Zero, NoHang);
    }

    private static async Task TrainsAndServesAsync(WebApplication web)
    {
        using var submitted = await web.Http.PostAsJsonAsync(
            "/api/runs",
            new
            {
                name = "line",
                slope = 3,
                epochs = 60,
                epochMilliseconds = 10,
            }
        );
        Assert.Equal(HttpStatusCode.Accepted, submitted.StatusCode);

        var events = await web.Http.GetStringAsync(submitted.Headers.Location + "/events");
        Assert.Contains("\"state\":\"Succeeded\"", events, StringComparison.Ordinal);

        var run = await web.Http.GetFromJsonAsync<JsonElement>("/api/runs/line");
        Assert.Equal("Succeeded", run.GetProperty("run").GetProperty("state").GetString());
        Assert.Equal(2, run.GetProperty("checkpoints").GetArrayLength());

        await web.UntilAsync(HttpStatusCode.OK, static http => http.PutAsync("/api/models/line", null));
        await PredictsAsync(web);
    }

    private static async Task PredictsAsync(WebApplication web)
    {
        var answer = await web.UntilAsync(
            HttpStatusCode.OK,
            static async http =>
                await http.PostAsJsonAsync("/api/models/line/predict", new[] { new { x = 0.5 } }).WaitAsync(NoHang)
        );
        var y = answer.GetProperty("predictions")[0];
        Assert.Equal(1.5, (y.ValueKind == JsonValueKind.Object ? y.GetProperty("y") : y).GetDouble(), 0.01);
    }
}
