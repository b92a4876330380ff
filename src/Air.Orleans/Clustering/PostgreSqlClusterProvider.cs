using System.Net.Sockets;
using Air.Orleans.Storage;
using Npgsql;

namespace Air.Orleans.Clustering;

/// <summary>
/// <c>postgresql://[user@]host[:port]/database</c>: Orleans' own tables, made by <c>air cluster init</c>. Npgsql takes the password from
/// PGPASSWORD, so that it is in no connection string.
/// </summary>
internal sealed class PostgreSqlClusterProvider : IClusterProvider
{
    private const string Invariant = "Npgsql";

    /// <summary>Each script, and a table by which one sees that it was run.</summary>
    private static readonly (string Script, string Table)[] Scripts =
    [
        ("PostgreSQL-Main.sql", "orleansquery"),
        ("PostgreSQL-Clustering.sql", "orleansmembershiptable"),
        ("PostgreSQL-Persistence.sql", "orleansstorage"),
    ];

    private readonly PostgreSqlClientProvider _client = new();

    public string Scheme => _client.Scheme;

    public void ConfigureSilo(ISiloBuilder silo, ClusterUri uri) =>
        silo.UseAdoNetClustering(options =>
        {
            options.Invariant = Invariant;
            options.ConnectionString = PostgreSqlClientProvider.ConnectionString(uri);
        });

    public void ConfigureClient(IClientBuilder client, ClusterUri uri) => _client.ConfigureClient(client, uri);

    public void ConfigureStorage(IServiceCollection services, ClusterUri uri) =>
        services.AddPostgresStorage(AirOptions.StorageName, PostgreSqlClientProvider.ConnectionString(uri));

    public async Task InitializeAsync(ClusterUri uri, CancellationToken cancellationToken)
    {
        try
        {
            await using var connection = await PostgreSqlClientProvider.OpenAsync(uri, cancellationToken);
            await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
            // One at a time: two that begin together would both find no tables.
            await using (
                var alone = new NpgsqlCommand("SELECT pg_advisory_xact_lock(4146295)", connection, transaction)
            )
            {
                await alone.ExecuteNonQueryAsync(cancellationToken);
            }

            foreach (var (script, table) in Scripts)
            {
                if (!await PostgreSqlClientProvider.ExistsAsync(connection, table, cancellationToken))
                {
                    await using var command = new NpgsqlCommand(ReadScript(script), connection, transaction);
                    await command.ExecuteNonQueryAsync(cancellationToken);
                }
            }

            await transaction.CommitAsync(cancellationToken);
        }
        catch (Exception error) when (error is NpgsqlException or SocketException)
        {
            throw PostgreSqlClientProvider.Refused(uri, error);
        }
    }

    public Task CheckAsync(ClusterUri uri, CancellationToken cancellationToken) =>
        PostgreSqlClientProvider.CheckAsync(uri, Scripts.Select(static script => script.Table), cancellationToken);

    private static string ReadScript(string name)
    {
        using var stream = typeof(PostgreSqlClusterProvider).Assembly.GetManifestResourceStream(name)!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
