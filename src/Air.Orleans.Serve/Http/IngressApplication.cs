using System.Buffers;
using System.Text.Json;
using Air.Orleans.Core.Security;
using Air.Orleans.Core.Silos;
using Air.Orleans.Serve.Routing;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace Air.Orleans.Serve.Http;

/// <summary>Answers HTTP requests: a deployment's route, "/-/healthz" and "/-/routes". Thread-safe.</summary>
internal sealed partial class IngressApplication(
    DeploymentRouter router,
    ApiKeyRing keys,
    SiloDrain drain,
    ILogger logger
) : IHttpApplication<HttpContext>
{
    public const string HealthPath = "/-/healthz";
    public const string RoutesPath = "/-/routes";

    private const string Bearer = "Bearer";
    private const string Json = "application/json";

    public HttpContext CreateContext(IFeatureCollection contextFeatures) => new DefaultHttpContext(contextFeatures);

    public void DisposeContext(HttpContext context, Exception? exception)
    {
        // A context holds nothing that has to be given back.
    }

    public async Task ProcessRequestAsync(HttpContext context)
    {
        if (drain.HasBegun)
        {
            // The client's next request finds another silo.
            context.Response.Headers.Connection = "close";
        }

        try
        {
            await AnswerAsync(context);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // Nobody waits for the answer any more.
        }
        catch (ProblemException error)
        {
            await WriteAsync(context, error.Problem);
        }
        catch (BadHttpRequestException error)
        {
            await WriteAsync(context, OfBadRequest(error));
        }
        catch (Exception error) when (!context.Response.HasStarted)
        {
            LogFailed(context.Request.Path.Value ?? "", error);
            await WriteAsync(
                context,
                new Problem(500, "internal", "The request failed.", $"{error.GetType().Name}: {error.Message}")
            );
        }
    }

    /// <summary>The name of the key that the request shows; null where it shows none of ours.</summary>
    private string? KeyNameOf(HttpRequest request)
    {
        if (request.Headers.Authorization.ToString() is { Length: > 0 } authorization)
        {
            return
                authorization.Length > Bearer.Length
                && authorization[Bearer.Length] == ' '
                && authorization.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase)
                ? keys.NameOf(authorization[(Bearer.Length + 1)..].Trim())
                : null;
        }

        return request.Headers[HttpSecurity.KeyHeader].ToString() is { Length: > 0 } key ? keys.NameOf(key) : null;
    }

    private Task AnswerAsync(HttpContext context)
    {
        var path = context.Request.Path.Value ?? "/";
        if (path != HealthPath && keys.IsSet && KeyNameOf(context.Request) is null)
        {
            context.Response.Headers.WWWAuthenticate = Bearer;
            return WriteAsync(context, Problem.Unauthorized());
        }

        return path switch
        {
            HealthPath => IsGet(context)
                ? WriteAsync(context, 200, Json, """{"status":"ok"}"""u8.ToArray())
                : WrongMethodAsync(context, "GET"),
            RoutesPath => IsGet(context) ? RoutesAsync(context) : WrongMethodAsync(context, "GET"),
            _ => PredictAsync(context, path),
        };
    }

    private async Task PredictAsync(HttpContext context, string path)
    {
        var deployment = router.Map.ByRoute(path) ?? (await router.RefreshAsync()).ByRoute(path);
        if (deployment is null)
        {
            await WriteAsync(context, Unknown(path));
            return;
        }

        if (!HttpMethods.IsPost(context.Request.Method))
        {
            await WrongMethodAsync(context, "POST");
            return;
        }

        var body = await ReadBodyAsync(context);
        var answer = await router.PredictAsync(deployment, map => map.ByRoute(path), body);
        if (answer is null)
        {
            await WriteAsync(context, Unknown(path));
            return;
        }

        await WriteAsync(context, answer.Status, answer.Status == 200 ? Json : Problem.ContentType, answer.Body);
    }

    private async Task RoutesAsync(HttpContext context)
    {
        var map = await router.RefreshAsync();
        var routes = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var deployment in map.Table.Deployments)
        {
            routes[deployment.Route] = deployment.Name;
        }

        await WriteAsync(context, 200, Json, JsonSerializer.SerializeToUtf8Bytes(routes));
    }

    private Problem Unknown(string path)
    {
        var known = router.Map.Table.Deployments.Select(static it => it.Route).Order(StringComparer.Ordinal).ToList();
        var list = string.Join(", ", known.Take(40).Select(static route => $"'{route}'"));
        return new Problem(
            404,
            "unknown-route",
            "There is no such route.",
            $"No deployment has the route '{path}' (routes: {(known.Count == 0 ? "none" : list)})."
                + NameSuggestion.For(path, known)
        );
    }

    private static Task WrongMethodAsync(HttpContext context, string allowed)
    {
        context.Response.Headers.Allow = allowed;
        return WriteAsync(
            context,
            new Problem(
                405,
                "wrong-method",
                "The route does not take this method.",
                $"'{context.Request.Path}' was asked by {context.Request.Method}; it takes {allowed}."
            )
        );
    }

    private static Problem OfBadRequest(BadHttpRequestException error) =>
        error.StatusCode == StatusCodes.Status413PayloadTooLarge
            ? TooManyBytes()
            : new Problem(error.StatusCode, "bad-request", "The request is not valid HTTP.", error.Message);

    private static Problem TooManyBytes() =>
        Problem.TooLarge(
            $"The body has more than {HttpIngress.MaxBodyBytes} bytes. Send the rows in several requests, or score a "
                + "Dataset with BatchPredictor."
        );

    private static async Task<byte[]> ReadBodyAsync(HttpContext context)
    {
        var request = context.Request;
        if (request.ContentLength > HttpIngress.MaxBodyBytes && request.Headers.Expect.Count > 0)
        {
            // The client asks before it sends.
            throw new ProblemException(TooManyBytes());
        }

        var reader = request.BodyReader;
        var tooLarge = false;
        while (true)
        {
            var read = await reader.ReadAsync(context.RequestAborted);
            tooLarge |= read.Buffer.Length > HttpIngress.MaxBodyBytes;
            if (read.IsCompleted)
            {
                var body = tooLarge ? [] : read.Buffer.ToArray();
                reader.AdvanceTo(read.Buffer.End);
                return tooLarge ? throw new ProblemException(TooManyBytes()) : body;
            }

            reader.AdvanceTo(tooLarge ? read.Buffer.End : read.Buffer.Start, read.Buffer.End);
        }
    }

    private static bool IsGet(HttpContext context) => HttpMethods.IsGet(context.Request.Method);

    private static Task WriteAsync(HttpContext context, Problem problem) =>
        WriteAsync(context, problem.Status, Problem.ContentType, problem.ToBytes());

    private static async Task WriteAsync(HttpContext context, int status, string contentType, byte[] body)
    {
        var response = context.Response;
        response.StatusCode = status;
        response.ContentType = contentType;
        response.ContentLength = body.Length;
        await response.BodyWriter.WriteAsync(body);
    }

    [LoggerMessage(6031, LogLevel.Error, "A request to '{Path}' failed.")]
    private partial void LogFailed(string path, Exception error);
}
