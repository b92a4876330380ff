using Air.Orleans.Clustering;
using Air.Orleans.Core.Clustering;
using Air.Orleans.Storage;

namespace Air.Orleans;

/// <summary>
/// The schemes that a <see cref="ClusterUri"/> may have: the built-in ones, "azure" where the package Air.Orleans.Azure stands beside the
/// program, and those that the program registers. Safe to use from any thread.
/// </summary>
public static class ClusterProviders
{
    private static readonly Lock Gate = new();

    private static readonly Dictionary<string, IStorageProvider> ByScheme = BuiltIn()
        .ToDictionary(static provider => provider.Scheme, StringComparer.Ordinal);

    /// <summary>
    /// Adds a provider, or puts it in the place of the one with its scheme. It must be an <see cref="IClusterProvider"/> to keep the membership;
    /// an <see cref="IStorageProvider"/> serves as storage alone. Clients have it too. Call it before silos and clients are built.
    /// </summary>
    public static void Register(IStorageProvider provider)
    {
        ArgumentNullException.ThrowIfNull(provider);
        lock (Gate)
        {
            ByScheme[provider.Scheme] = provider;
        }

        if (provider is IClientProvider client)
        {
            ClientProviders.Register(client);
        }
    }

    /// <summary>The provider that keeps the membership of <paramref name="uri"/>.</summary>
    /// <exception cref="AirException">There is none for its scheme; the message names those there are.</exception>
    public static IClusterProvider ClusterOf(ClusterUri uri) =>
        StorageOf(uri) as IClusterProvider
        ?? throw new AirException(
            $"'{uri}' can keep storage but no membership: give it as --storage, and for --cluster one of {Schemes(static p => p is IClusterProvider)}."
        );

    /// <summary>The provider that keeps what is stored at <paramref name="uri"/>.</summary>
    /// <exception cref="AirException">There is none for its scheme; the message names those there are.</exception>
    public static IStorageProvider StorageOf(ClusterUri uri)
    {
        ArgumentNullException.ThrowIfNull(uri);
        lock (Gate)
        {
            if (ByScheme.TryGetValue(uri.Scheme, out var provider))
            {
                return provider;
            }

            if (uri.Scheme == "azure")
            {
                return ByScheme["azure"] = (IStorageProvider)ClientProviders.LoadAzure(uri);
            }
        }

        throw new AirException(
            $"'{uri}' has the scheme '{uri.Scheme}', which nothing here serves; there are {Schemes(static _ => true)}, "
                + "and azure with the package Air.Orleans.Azure."
        );
    }

    private static IStorageProvider[] BuiltIn() =>
        [
            new FileClusterProvider(),
            new RedisClusterProvider(),
            new PostgreSqlClusterProvider(),
            new SqliteStorageProvider(),
        ];

    private static string Schemes(Func<IStorageProvider, bool> predicate)
    {
        lock (Gate)
        {
            return string.Join(", ", ByScheme.Values.Where(predicate).Select(static p => p.Scheme).Order());
        }
    }
}
