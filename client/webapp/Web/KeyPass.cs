using Air.Orleans.Serve;

namespace Air.Orleans.WebApp.Web;

/// <summary>
/// Where Web:PassKeysOn is true, predictions go to the model's own HTTP endpoint with the key of whoever asks, so that the silos decide who may
/// call the model. Otherwise they go by the client's connection, as this application.
/// </summary>
internal sealed class KeyPass(IHttpClientFactory clients, IConfiguration configuration)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    public bool IsOn => configuration.GetValue<bool>("Web:PassKeysOn");

    public async Task<IResult> PredictAsync(
        AirConnection air,
        string name,
        HttpRequest request,
        CancellationToken cancellationToken
    )
    {
        var urls = await air.CallAsync(
            async (cluster, token) => await (await cluster.Serve.GetAsync(name, token)).UrlsAsync(token),
            cancellationToken
        );
        var url =
            urls.Count > 0
                ? urls[0]
                : throw new ClusterUnavailableException(
                    $"No silo takes HTTP, so '{name}' cannot be called with a key."
                );
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Limit);
        using var passed = new HttpRequestMessage(HttpMethod.Post, url) { Content = new StreamContent(request.Body) };
        passed.Content.Headers.ContentType = new("application/json");
        foreach (var header in new[] { "Authorization", ApiKeyGuard.Header })
        {
            if (request.Headers[header].ToString() is { Length: > 0 } value)
            {
                passed.Headers.TryAddWithoutValidation(header, value);
            }
        }

        try
        {
            using var client = clients.CreateClient();
            using var answer = await client.SendAsync(passed, limit.Token);
            var body = await answer.Content.ReadAsStringAsync(limit.Token);
            return Results.Text(
                body,
                answer.Content.Headers.ContentType?.ToString(),
                statusCode: (int)answer.StatusCode
            );
        }
        catch (Exception error)
            when (error is HttpRequestException
                || (error is OperationCanceledException && !cancellationToken.IsCancellationRequested)
            )
        {
            throw new ClusterUnavailableException($"{url} does not answer: {error.Message}", error);
        }
    }
}
