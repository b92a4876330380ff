using System.Text.Json;
using Air.Orleans.Core;
using Air.Orleans.Serve;
using Air.Orleans.WebApp.Model;

namespace Air.Orleans.WebApp.Web;

/// <summary>Served models: listed, begun from a run's checkpoint, called, ended.</summary>
internal static class ModelEndpoints
{
    public static void MapModels(this IEndpointRouteBuilder app)
    {
        app.MapGet(
            "/api/models",
            (AirConnection air, CancellationToken cancellationToken) =>
                air.CallAsync(
                    async (cluster, token) =>
                        (await cluster.Serve.StatusAsync(token)).Select(static model => new
                        {
                            model.Name,
                            model.Version,
                            Ready = model.Replicas.Count(static replica => replica.IsReady),
                        }),
                    cancellationToken
                )
        );
        app.MapPut("/api/models/{name}", ServeAsync);
        app.MapDelete(
            "/api/models/{name}",
            (string name, AirConnection air, CancellationToken cancellationToken) =>
                air.CallAsync((cluster, token) => cluster.Serve.DeleteAsync(name, token), cancellationToken)
        );
        app.MapPost("/api/models/{name}/predict", PredictAsync);
    }

    /// <summary>Serves the latest checkpoint of the run of that name.</summary>
    private static Task<object> ServeAsync(string name, AirConnection air, CancellationToken cancellationToken) =>
        air.CallAsync<object>(
            async (cluster, token) =>
            {
                var checkpoint =
                    await cluster.Checkpoints.LatestAsync(name, token)
                    ?? throw new AirException($"Run '{name}' has no checkpoint yet.");
                var endpoint = await cluster.Serve.RunAsync(
                    PredictorDeployment.From(checkpoint, new LinePredictor()),
                    name,
                    token
                );
                return new { endpoint.Name, endpoint.Version };
            },
            cancellationToken
        );

    // [predict]
    private static async Task<IResult> PredictAsync(
        string name,
        HttpRequest request,
        AirConnection air,
        KeyPass keys,
        CancellationToken cancellationToken
    )
    {
        if (keys.IsOn)
        {
            return await keys.PredictAsync(air, name, request, cancellationToken);
        }

        var rows = await request.ReadFromJsonAsync<Dictionary<string, JsonElement>[]>(cancellationToken) ?? [];
        var predictions = await air.CallAsync(
            async (cluster, token) =>
            {
                var model = await cluster.Serve.GetAsync(name, token);
                return await model.Handle<Dictionary<string, JsonElement>, JsonElement>().PredictAsync(rows, token);
            },
            cancellationToken
        );
        return Results.Ok(new { predictions });
    }
    // [/predict]
}
