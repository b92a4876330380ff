using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Air.Orleans.Tests;

namespace Air.Orleans.Cluster.Tests.Draining;

/// <summary>What a silo answers on its admin port.</summary>
public sealed partial class AdminTests
{
    private const string Key = "a key of these tests";

    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task Paths_WithAndWithoutTheKey_AnswerAsThePageSays()
    {
        using var folder = new TemporaryFolder();
        await using var silos = await StartAsync(folder);
        using var stranger = new HttpClient { BaseAddress = silos.All[0].AdminUrl };
        using var friend = Friend(silos.All[0]);
        using var browser = new HttpClient { BaseAddress = silos.All[0].AdminUrl };
        browser.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue(
            "Basic",
            Convert.ToBase64String(Encoding.UTF8.GetBytes($"anybody:{Key}"))
        );
        using var guesser = new HttpClient { BaseAddress = silos.All[0].AdminUrl };
        guesser.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Key + "?");

        Assert.Equal(HttpStatusCode.OK, (await stranger.GetAsync("livez")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await stranger.GetAsync("readyz")).StatusCode);
        foreach (var path in new[] { "metrics", "dashboard/", "dashboard/ClusterStats", "nothing" })
        {
            Assert.Equal(HttpStatusCode.Unauthorized, (await stranger.GetAsync(path)).StatusCode);
            Assert.Equal(HttpStatusCode.Unauthorized, (await guesser.GetAsync(path)).StatusCode);
        }

        Assert.Equal(HttpStatusCode.OK, (await friend.GetAsync("metrics")).StatusCode);
        Assert.Contains("Orleans Dashboard", await browser.GetStringAsync("dashboard/"), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await friend.GetAsync("dashboard/ClusterStats")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await friend.GetAsync("nothing")).StatusCode);
        Assert.DoesNotContain(Key, silos.All[0].Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Metrics_AfterWork_HaveEveryInstrumentOfThePage()
    {
        using var folder = new TemporaryFolder();
        await using var silos = await StartAsync(folder);
        await using (var serving = await Serving.StartAsync(silos.Air, replicas: 2))
        {
            await serving.EndAsync().WaitAsync(Limit);
        }

        using var friend = Friend(silos.All[0]);
        var scraped = await friend.GetStringAsync("metrics");

        var page = await File.ReadAllTextAsync(Path.Combine(Repository.Root, "docs", "telemetry.md"));
        var documented = Instrument().Matches(page).Select(static it => it.Groups[1].Value).ToList();
        Assert.True(documented.Count > 15, $"the page names {documented.Count} instruments");
        var missing = documented.FindAll(name => !HasMoved(scraped, name));
        Assert.True(missing.Count == 0, $"nothing, or 0, is told of {string.Join(", ", missing)}");
    }

    /// <summary>Whether a series of the instrument has a value other than 0: dots are underscores there, units and totals follow.</summary>
    private static bool HasMoved(string scraped, string instrument) =>
        Regex.IsMatch(
            scraped,
            $@"^{Regex.Escape(instrument.Replace('.', '_'))}[a-z_]*(\{{[^}}]*\}})? [^0\s]",
            RegexOptions.Multiline
        );

    private static HttpClient Friend(SiloProcess silo)
    {
        var http = new HttpClient { BaseAddress = silo.AdminUrl };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Key);
        return http;
    }

    private static async Task<SiloProcesses> StartAsync(TemporaryFolder folder)
    {
        var file = Path.Combine(folder.Path, "silo.json");
        await File.WriteAllTextAsync(
            file,
            JsonSerializer.Serialize(new { Air = new { AdminKey = Key, Dashboard = true } })
        );
        return await SiloProcesses.StartInFolderAsync(folder.Path, count: 1, arguments: ["--config", file]);
    }

    /// <summary>The first column of a table's row, where it is an instrument.</summary>
    [GeneratedRegex(@"^\| `([a-z][a-z0-9_.]+)` \| (counter|histogram|up-down)", RegexOptions.Multiline)]
    private static partial Regex Instrument();
}
