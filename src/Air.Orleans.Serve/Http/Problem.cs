using System.Text.Json;

namespace Air.Orleans.Serve.Http;

/// <summary>An error as HTTP tells it (RFC 9457).</summary>
internal sealed record Problem(int Status, string Type, string Title, string Detail)
{
    public const string ContentType = "application/problem+json";

    private const string TypePrefix = "urn:air-orleans:serve:";

    public byte[] ToBytes()
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            json.WriteString("type", TypePrefix + Type);
            json.WriteString("title", Title);
            json.WriteNumber("status", Status);
            json.WriteString("detail", Detail);
            json.WriteEndObject();
        }

        return stream.ToArray();
    }

    /// <summary>The detail in the bytes of a problem.</summary>
    public static string DetailOf(byte[] problem)
    {
        using var json = JsonDocument.Parse(problem);
        return json.RootElement.GetProperty("detail").GetString() ?? "";
    }

    public static Problem Unauthorized() =>
        new(
            401,
            "unauthorized",
            "The request shows no valid key.",
            "Send 'Authorization: Bearer KEY' or 'X-Api-Key: KEY' with a key of the silos (AIR_API_KEYS_FILE)."
        );

    public static Problem MalformedJson(string detail) =>
        new(400, "malformed-json", "The body is not JSON of rows.", detail);

    public static Problem InvalidRows(string detail) =>
        new(400, "invalid-rows", "The model cannot take these rows.", detail);

    public static Problem TooLarge(string detail) => new(413, "too-large", "The body is too large.", detail);

    public static Problem ModelFailed(string detail) => new(500, "model-failed", "The model failed.", detail);

    public static Problem Busy(string deployment) =>
        new(
            503,
            "busy",
            "Every replica is busy.",
            $"Every replica of '{deployment}' has as many requests as it takes. Send it again later, or deploy with more "
                + "Replicas or a higher MaxOngoingRequests."
        );

    public static Problem Unavailable(string deployment, string reason) =>
        new(503, "unavailable", "No replica can be reached.", $"No replica of '{deployment}' could answer: {reason}");

    public static Problem TimedOut(string deployment, TimeSpan limit) =>
        new(
            504,
            "timed-out",
            "The model did not answer in time.",
            $"'{deployment}' did not answer within {limit.TotalSeconds:0} s."
        );
}

/// <summary>Leaves the work on a request, which is answered with the problem.</summary>
internal sealed class ProblemException(Problem problem) : Exception(problem.Detail)
{
    public Problem Problem { get; } = problem;
}
