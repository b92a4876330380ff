using System.Collections.Concurrent;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Air.Orleans.Cluster.Tests.Telemetry;

/// <summary>Takes what is exported by OTLP over HTTP, and tells when a text was in it.</summary>
internal sealed class OtlpCollector : IAsyncDisposable
{
    private readonly WebApplication _server;
    private readonly ConcurrentDictionary<(string Signal, string Text), TaskCompletionSource> _awaited = new();

    private OtlpCollector(WebApplication server) => _server = server;

    public string Url => _server.Urls.First();

    public static async Task<OtlpCollector> StartAsync()
    {
        var server = WebApplication.CreateSlimBuilder().Build();
        server.Urls.Add("http://127.0.0.1:0");
        var collector = new OtlpCollector(server);
        server.MapPost("/v1/{signal}", collector.TakeAsync);
        await server.StartAsync();
        return collector;
    }

    /// <summary>Ends when <paramref name="text"/> was in what came as "metrics", "traces" or "logs" after this call.</summary>
    public Task ReceivedAsync(string signal, string text) =>
        _awaited
            .GetOrAdd(
                (signal, text),
                static _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)
            )
            .Task;

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private async Task TakeAsync(string signal, HttpRequest request)
    {
        using var body = new MemoryStream();
        await request.Body.CopyToAsync(body);
        // Names stand in Protocol Buffers as they are.
        var content = Encoding.Latin1.GetString(body.ToArray());
        foreach (var ((wanted, text), received) in _awaited)
        {
            if (wanted == signal && content.Contains(text, StringComparison.Ordinal))
            {
                received.TrySetResult();
            }
        }
    }
}
