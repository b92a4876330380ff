using System.Net.Sockets;
using Air.Orleans.Core.Storage;
using Npgsql;

namespace Air.Orleans.Storage;

/// <summary>Grain storage in PostgreSQL.</summary>
internal static class PostgresStorage
{
    private const string Invariant = "Npgsql";

    /// <summary>Registers the storage <paramref name="name"/> in that database; its tables must be there.</summary>
    public static IServiceCollection AddPostgresStorage(
        this IServiceCollection services,
        string name,
        string connectionString,
        Func<StorageBorder, StorageBorder>? configure = null
    )
    {
        // The border has limits of its own, which grow with what is written.
        var connection = new NpgsqlConnectionStringBuilder(connectionString) { CommandTimeout = 30 };
        services.AddAdoNetGrainStorage(
            GuardedStorageServices.Behind(name),
            options =>
            {
                options.Invariant = Invariant;
                options.ConnectionString = connection.ConnectionString;
                options.GrainStorageSerializer = new PayloadSerializer();
            }
        );
        var border = new StorageBorder(PlaceOf(connection), FaultOf) { KeyOf = AdoNetKeys.Of };
        return services.AddGuardedStorage(name, configure?.Invoke(border) ?? border);
    }

    internal static StorageFault FaultOf(Exception error) =>
        error switch
        {
            PostgresException { SqlState: PostgresErrorCodes.DiskFull } => StorageFault.Full,
            PostgresException
            {
                SqlState: PostgresErrorCodes.InsufficientPrivilege
                    or PostgresErrorCodes.InvalidPassword
                    or PostgresErrorCodes.InvalidAuthorizationSpecification
                    or PostgresErrorCodes.ReadOnlySqlTransaction
            } => StorageFault.Refused,
            PostgresException
            {
                SqlState: PostgresErrorCodes.AdminShutdown
                    or PostgresErrorCodes.CrashShutdown
                    or PostgresErrorCodes.CannotConnectNow
                    or PostgresErrorCodes.TooManyConnections
                    or PostgresErrorCodes.SerializationFailure
                    or PostgresErrorCodes.DeadlockDetected
            } => StorageFault.Unavailable,
            PostgresException { SqlState: PostgresErrorCodes.DataCorrupted or PostgresErrorCodes.IndexCorrupted } =>
                StorageFault.Damaged,
            PostgresException => StorageFault.Other,
            // The connection was refused or broke, or timed out: the server said nothing.
            NpgsqlException or SocketException or IOException or TimeoutException => StorageFault.Unavailable,
            _ => StorageFault.Other,
        };

    private static string PlaceOf(NpgsqlConnectionStringBuilder connection) =>
        $"postgresql://{connection.Host}:{connection.Port}/{connection.Database}";
}
