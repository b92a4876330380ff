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

    public string Scheme => "postgresql";

    public void ConfigureSilo(ISiloBuilder silo, ClusterUri uri) =>
        silo.UseAdoNetClustering(options =>
        {
            options.Invariant = Invariant;
            options.ConnectionString = ConnectionString(uri);
        });

    public void ConfigureClient(IClientBuilder client, ClusterUri uri) =>
        client.UseAdoNetClustering(options =>
        {
            options.Invariant = Invariant;
            options.ConnectionString = ConnectionString(uri);
        });

    public void ConfigureStorage(IServiceCollection services, ClusterUri uri) =>
        services.AddPostgresStorage(AirOptions.StorageName, ConnectionString(uri));

    public async Task InitializeAsync(ClusterUri uri, CancellationToken cancellationToken)
    {
        try
        {
            await using var connection = await OpenAsync(uri, cancellationToken);
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
                if (!await ExistsAsync(connection, table, cancellationToken))
                {
                    await using var command = new NpgsqlCommand(ReadScript(script), connection, transaction);
                    await command.ExecuteNonQueryAsync(cancellationToken);
                }
            }

            await transaction.CommitAsync(cancellationToken);
        }
        catch (Exception error) when (error is NpgsqlException or SocketException)
        {
            throw Refused(uri, error);
        }
    }

    public async Task CheckAsync(ClusterUri uri, CancellationToken cancellationToken)
    {
        try
        {
            await using var connection = await OpenAsync(uri, cancellationToken);
            foreach (var (_, table) in Scripts)
            {
                if (!await ExistsAsync(connection, table, cancellationToken))
                {
                    throw new AirException(
                        $"Database '{uri.Path}' of PostgreSQL at {uri.Host}:{uri.Port} has no table '{table}': "
                            + $"run 'air cluster init --cluster {uri}' once."
                    );
                }
            }
        }
        catch (Exception error) when (error is NpgsqlException or SocketException)
        {
            throw Refused(uri, error);
        }
    }

    /// <summary>How the database is reached; there is no password in it.</summary>
    internal static string ConnectionString(ClusterUri uri) =>
        new NpgsqlConnectionStringBuilder
        {
            Host = uri.Host,
            Port = uri.Port,
            Username = uri.User,
            Database = uri.Path,
            Timeout = 5,
            CommandTimeout = 10,
        }.ConnectionString;

    private static async Task<NpgsqlConnection> OpenAsync(ClusterUri uri, CancellationToken cancellationToken)
    {
        var connection = new NpgsqlConnection(ConnectionString(uri));
        try
        {
            await connection.OpenAsync(cancellationToken);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    private static async Task<bool> ExistsAsync(
        NpgsqlConnection connection,
        string table,
        CancellationToken cancellationToken
    )
    {
        await using var command = new NpgsqlCommand("SELECT to_regclass(@table) IS NOT NULL", connection);
        command.Parameters.AddWithValue("table", table);
        return (bool)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    private static string ReadScript(string name)
    {
        using var stream = typeof(PostgreSqlClusterProvider).Assembly.GetManifestResourceStream(name)!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    private static AirException Refused(ClusterUri uri, Exception error)
    {
        var cause = error is PostgresException answer
            ? $"{answer.MessageText} ({answer.SqlState})"
            : error.GetBaseException().Message.Split('\n')[0].TrimEnd('.', '\r');
        return new AirException(
            $"PostgreSQL at {uri.Host}:{uri.Port} refused: {cause}. Check that it runs, the user and database of '{uri}', "
                + $"and the password in {uri.SecretVariable}.",
            error
        );
    }
}
