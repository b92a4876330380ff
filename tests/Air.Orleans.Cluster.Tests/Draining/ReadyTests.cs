using System.Net;
using System.Text.Json;
using Air.Orleans.Tests;

namespace Air.Orleans.Cluster.Tests.Draining;

/// <summary>A silo whose storage is a server that can be stopped.</summary>
[Requires(ServerKind.Redis)]
public sealed class ReadyTests(SharedServer<RedisServer> redis) : IClassFixture<SharedServer<RedisServer>>
{
    [RequiresFact]
    public async Task Ready_StorageThatIsGone_SaysSo()
    {
        using var folder = new TemporaryFolder();
        await using var silo = await SiloProcess.StartAsync(
            $"file:{Path.Combine(folder.Path, "cluster")}",
            storage: $"redis://{redis.Server.ConnectionString}"
        );
        using var http = new HttpClient { BaseAddress = silo.AdminUrl };
        var before = await http.GetAsync("readyz");

        redis.Server.Pause();
        HttpResponseMessage after;
        try
        {
            after = await http.GetAsync("readyz");
        }
        finally
        {
            redis.Server.Resume();
        }

        var report = await JsonDocument.ParseAsync(await after.Content.ReadAsStreamAsync());
        var checks = report.RootElement.GetProperty("checks").EnumerateArray();
        var bad = Assert.Single(checks, static it => !it.GetProperty("ok").GetBoolean());
        Assert.Equal(HttpStatusCode.OK, before.StatusCode);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, after.StatusCode);
        Assert.Equal("storage", bad.GetProperty("name").GetString());
    }
}
