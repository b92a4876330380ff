using System.Reflection;
using Air.Orleans.Clustering;
using Air.Orleans.Core.Clustering;

namespace Air.Orleans;

/// <summary>
/// The schemes of <see cref="ClusterUri"/> by which a client finds its cluster: the built-in ones, "azure" where the package
/// Air.Orleans.Azure stands beside the program, and those that the program registers. Safe to use from any thread.
/// </summary>
public static class ClientProviders
{
    private const string AzureAssembly = "Air.Orleans.Azure";
    private const string AzureType = "Air.Orleans.Azure.AzureClusterProvider";

    private static readonly Lock Gate = new();

    private static readonly Dictionary<string, IClientProvider> ByScheme = BuiltIn()
        .ToDictionary(static provider => provider.Scheme, StringComparer.Ordinal);

    /// <summary>Adds a provider, or puts it in the place of the one with its scheme. Call it before clients are built.</summary>
    public static void Register(IClientProvider provider)
    {
        ArgumentNullException.ThrowIfNull(provider);
        lock (Gate)
        {
            ByScheme[provider.Scheme] = provider;
        }
    }

    /// <summary>The provider that finds the silos of <paramref name="uri"/>.</summary>
    /// <exception cref="AirException">There is none for its scheme; the message names those there are.</exception>
    public static IClientProvider Of(ClusterUri uri)
    {
        ArgumentNullException.ThrowIfNull(uri);
        lock (Gate)
        {
            if (ByScheme.TryGetValue(uri.Scheme, out var provider))
            {
                return provider;
            }

            return uri.Scheme == "azure"
                ? ByScheme["azure"] = LoadAzure(uri)
                : throw new AirException(
                    $"'{uri}' has the scheme '{uri.Scheme}', which keeps no membership here; there are "
                        + $"{string.Join(", ", ByScheme.Keys.Order(StringComparer.Ordinal))}, and azure with the package Air.Orleans.Azure."
                );
        }
    }

    private static IClientProvider[] BuiltIn() =>
        [new FileClusterProvider(), new RedisClientProvider(), new PostgreSqlClientProvider()];

    internal static IClientProvider LoadAzure(ClusterUri uri)
    {
        try
        {
            var type = Assembly.Load(AzureAssembly).GetType(AzureType, throwOnError: true)!;
            return (IClientProvider)Activator.CreateInstance(type)!;
        }
        catch (Exception error) when (error is IOException or BadImageFormatException or TypeLoadException)
        {
            throw new AirException(
                $"'{uri}' needs the package {AzureAssembly}, which is not beside this program: add it ('dotnet add package {AzureAssembly}').",
                error
            );
        }
    }
}
