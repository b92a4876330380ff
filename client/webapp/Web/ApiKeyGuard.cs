using System.Security.Cryptography;
using System.Text;

namespace Air.Orleans.WebApp.Web;

/// <summary>Where Web:ApiKey is set, the interface under /api asks for it, as "Authorization: Bearer KEY" or "X-Api-Key: KEY".</summary>
internal sealed class ApiKeyGuard(RequestDelegate next, IConfiguration configuration)
{
    public const string Header = "X-Api-Key";
    private const string Bearer = "Bearer ";

    private readonly byte[]? _hash = configuration["Web:ApiKey"] is { Length: > 0 } key ? Hash(key) : null;

    public Task InvokeAsync(HttpContext context)
    {
        if (_hash is null || !context.Request.Path.StartsWithSegments("/api", StringComparison.OrdinalIgnoreCase))
        {
            return next(context);
        }

        return KeyOf(context.Request) is { } key && CryptographicOperations.FixedTimeEquals(Hash(key), _hash)
            ? next(context)
            : Results
                .Problem("Give the key as 'Authorization: Bearer KEY' or 'X-Api-Key: KEY'.", statusCode: 401)
                .ExecuteAsync(context);
    }

    private static string? KeyOf(HttpRequest request)
    {
        var authorization = request.Headers.Authorization.ToString();
        return authorization.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase) ? authorization[Bearer.Length..]
            : request.Headers[Header].ToString() is { Length: > 0 } key ? key
            : null;
    }

    private static byte[] Hash(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key));
}
