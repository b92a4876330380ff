using System.Net;
using System.Text.Json;

namespace Air.Orleans.Serve.Tests.Cluster;

/// <summary>Reads answers and checks their form.</summary>
internal static class Answers
{
    public static async Task<List<double>> PredictionsAsync(this Task<HttpResponseMessage> sending)
    {
        using var response = await sending;
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, $"{(int)response.StatusCode}: {text}");
        Assert.Equal("application/json", response.Content.Headers.ContentType?.ToString());
        using var json = JsonDocument.Parse(text);
        return [.. json.RootElement.GetProperty("predictions").EnumerateArray().Select(static it => it.GetDouble())];
    }

    /// <summary>The detail of a problem, once its form is checked.</summary>
    public static async Task<string> ProblemAsync(this Task<HttpResponseMessage> sending, HttpStatusCode status)
    {
        using var response = await sending;
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(status == response.StatusCode, $"{(int)response.StatusCode}: {text}");
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.ToString());
        using var json = JsonDocument.Parse(text);
        var problem = json.RootElement;
        Assert.Equal((int)status, problem.GetProperty("status").GetInt32());
        Assert.StartsWith("urn:air-orleans:serve:", problem.GetProperty("type").GetString());
        Assert.False(string.IsNullOrEmpty(problem.GetProperty("title").GetString()));
        return problem.GetProperty("detail").GetString()!;
    }
}
