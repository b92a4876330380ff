using System.Net.Sockets;
using Npgsql;

namespace Air.Orleans.Clustering;

/// <summary>
/// <c>postgresql://[user@]host[:port]/database</c> for clients: Orleans' own tables. Npgsql takes the password from PGPASSWORD, so that it is in
/// no connection string.
/// </summary>
internal sealed class PostgreSqlClientProvider : IClientProvider
{
    private const string Invariant = "Npgsql";

    /// <summary>What a client reads.</summary>
    private static readonly string[] Tables = ["orleansquery", "orleansmembershiptable"];

    public string Scheme => "postgresql";

    public void ConfigureClient(IClientBuilder client, ClusterUri uri) =>
        client.UseAdoNetClustering(options =>
        {
            options.Invariant = Invariant;
            options.ConnectionString = ConnectionString(uri);
        });

    public Task CheckAsync(ClusterUri uri, CancellationToken cancellationToken) =>
        CheckAsync(uri, Tables, cancellationToken);

    /// <summary>Sees that these tables are there.</summary>
    /// <exception cref="AirException">The server refused, or one is missing.</exception>
    internal static async Task CheckAsync(
        ClusterUri uri,
        IEnumerable<string> tables,
        CancellationToken cancellationToken
    )
    {
        try
        {
            await using var connection = await OpenAsync(uri, cancellationToken);
            foreach (var table in tables)
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

    internal static async Task<NpgsqlConnection> OpenAsync(ClusterUri uri, CancellationToken cancellationToken)
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

    internal static async Task<bool> ExistsAsync(
        NpgsqlConnection connection,
        string table,
        CancellationToken cancellationToken
    )
    {
        await using var command = new NpgsqlCommand("SELECT to_regclass(@table) IS NOT NULL", connection);
        command.Parameters.AddWithValue("table", table);
        return (bool)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    internal static AirException Refused(ClusterUri uri, Exception error)
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
