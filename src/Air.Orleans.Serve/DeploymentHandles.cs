using System.Text.Json;
using Air.Orleans.Serve.Http;
using Air.Orleans.Serve.Replicas;
using Air.Orleans.Serve.Routing;

namespace Air.Orleans.Serve;

/// <summary>What all typed handles share: the JSON of rows and answers, and the errors.</summary>
internal static class DeploymentHandles
{
    /// <summary>Columns are named exactly as properties are.</summary>
    public static JsonSerializerOptions RowJson { get; } = new();

    private static readonly JsonSerializerOptions AnswerJson = new() { PropertyNameCaseInsensitive = true };

    public static TPrediction[] Read<TPrediction>(string name, ReplicaAnswer answer, int rows)
    {
        if (answer.Status != 200)
        {
            throw new DeploymentException(Problem.DetailOf(answer.Body)) { Status = answer.Status };
        }

        try
        {
            var predictions = JsonSerializer.Deserialize<Answer<TPrediction>>(answer.Body, AnswerJson)?.Predictions;
            return predictions?.Length == rows
                ? predictions
                : throw new DeploymentException($"'{name}' gave {predictions?.Length} predictions for {rows} rows.");
        }
        catch (JsonException error)
        {
            throw new DeploymentException(
                $"A prediction of '{name}' cannot be read as {typeof(TPrediction).Name} (at {error.Path}). A NaN or infinite "
                    + "prediction is null: read it as a nullable type, such as double?.",
                error
            );
        }
    }

    public static DeploymentException Unknown(string name, RouteMap map)
    {
        var names = map.Table.Deployments.Select(static it => it.Name).Order(StringComparer.Ordinal).ToList();
        var list = names.Count == 0 ? "none" : string.Join(", ", names.Take(40).Select(static it => $"'{it}'"));
        return new DeploymentException(
            $"There is no deployment '{name}' (deployments: {list}).{NameSuggestion.For(name, names)}"
        )
        {
            Status = 404,
        };
    }

    private sealed record Answer<TPrediction>(TPrediction[] Predictions);
}
