using System.Net.Http.Json;
using System.Text.Json;
using Air.Orleans.Serve;
using Polly;
using Polly.Retry;
using Polly.Timeout;

namespace Air.Orleans.Quickstart;

/// <summary>A prediction over HTTP that no lost silo keeps from its answer: each silo answers, and a prediction may be asked for twice.</summary>
internal static class HttpPrediction
{
    private static readonly ResiliencePipeline Pipeline = new ResiliencePipelineBuilder
    {
        Name = "predictions over HTTP",
    }
        .AddRetry(
            new RetryStrategyOptions
            {
                ShouldHandle = static arguments => ValueTask.FromResult(IsOfTheSilo(arguments.Outcome.Exception)),
                MaxRetryAttempts = 20,
                BackoffType = DelayBackoffType.Exponential,
                Delay = TimeSpan.FromMilliseconds(50),
                MaxDelay = TimeSpan.FromSeconds(3),
                UseJitter = true,
            }
        )
        .AddTimeout(TimeSpan.FromSeconds(10))
        .Build();

    /// <summary>The prediction for a row, and the URL that gave it: the endpoint's own, or else that of another silo.</summary>
    /// <exception cref="HttpRequestException">The row was refused, or no silo answered for about a minute.</exception>
    public static async Task<(double Prediction, Uri Url)> PostAsync(
        ServeEndpoint endpoint,
        Dictionary<string, double> row,
        CancellationToken cancellationToken
    )
    {
        using var http = endpoint.CreateHttpClient();
        var tries = 0;
        return await Pipeline.ExecuteAsync(
            async cancellation =>
            {
                var url = await UrlAsync(endpoint, tries++, cancellation);
                using var answer = await http.PostAsJsonAsync(url, new[] { row }, cancellation);
                answer.EnsureSuccessStatusCode();
                var body = await answer.Content.ReadFromJsonAsync<JsonElement>(cancellation);
                return (body.GetProperty("predictions")[0].GetDouble(), url);
            },
            cancellationToken
        );
    }

    private static async Task<Uri> UrlAsync(ServeEndpoint endpoint, int tries, CancellationToken cancellationToken)
    {
        if (tries == 0 && endpoint.Url is { } own)
        {
            return own;
        }

        var urls = await endpoint.UrlsAsync(cancellationToken);
        return urls.Count > 0
            ? urls[tries % urls.Count]
            : throw new HttpRequestException(
                $"No silo takes HTTP for '{endpoint.Name}'. Start silos with an HTTP port."
            );
    }

    private static bool IsOfTheSilo(Exception? error) =>
        error is TimeoutRejectedException or TimeoutException or IOException
        || error is HttpRequestException failed && (failed.StatusCode is null || (int)failed.StatusCode >= 500);
}
