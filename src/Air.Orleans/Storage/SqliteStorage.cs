using Air.Orleans.Core.Storage;
using Microsoft.Data.Sqlite;

namespace Air.Orleans.Storage;

/// <summary>Grain storage in a SQLite database, which several silos on one machine may share.</summary>
internal static class SqliteStorage
{
    /// <summary>The name by which Orleans knows SQLite, whatever library speaks to it.</summary>
    private const string Invariant = "System.Data.SQLite";

    /// <summary>Registers the storage <paramref name="name"/> in that file, which is created when the silo starts.</summary>
    public static IServiceCollection AddSqliteStorage(this IServiceCollection services, string name, string file)
    {
        var path = Path.GetFullPath(file);
        var database = new SqliteDatabase(path);
        services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>>(database);
        services.AddAdoNetGrainStorage(
            GuardedStorageServices.Behind(name),
            options =>
            {
                options.Invariant = Invariant;
                options.ConnectionString = database.ConnectionString;
                options.GrainStorageSerializer = new PayloadSerializer();
            }
        );
        return services.AddGuardedStorage(
            name,
            new StorageBorder($"sqlite://{path}", FaultOf) { KeyOf = AdoNetKeys.Of }
        );
    }

    internal static StorageFault FaultOf(Exception error) =>
        error switch
        {
            SqliteException { SqliteErrorCode: SQLitePCL.raw.SQLITE_FULL } => StorageFault.Full,
            SqliteException
            {
                SqliteErrorCode: SQLitePCL.raw.SQLITE_READONLY
                    or SQLitePCL.raw.SQLITE_PERM
                    or SQLitePCL.raw.SQLITE_CANTOPEN
                    or SQLitePCL.raw.SQLITE_AUTH
            } => StorageFault.Refused,
            SqliteException { SqliteErrorCode: SQLitePCL.raw.SQLITE_CORRUPT or SQLitePCL.raw.SQLITE_NOTADB } =>
                StorageFault.Damaged,
            SqliteException { SqliteErrorCode: SQLitePCL.raw.SQLITE_BUSY or SQLitePCL.raw.SQLITE_LOCKED } =>
                StorageFault.Unavailable,
            _ when FileFaults.Is(error) => FileFaults.Of(error),
            _ => StorageFault.Other,
        };
}
