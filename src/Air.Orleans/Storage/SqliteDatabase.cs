using Air.Orleans.Core.Storage;
using Microsoft.Data.Sqlite;

namespace Air.Orleans.Storage;

/// <summary>Creates the database of a <see cref="SqliteStorage"/> before the storage is opened.</summary>
internal sealed class SqliteDatabase(string path) : ILifecycleParticipant<ISiloLifecycle>
{
    /// <summary>How to connect. A writer that finds another at work waits for it.</summary>
    public string ConnectionString { get; } =
        new SqliteConnectionStringBuilder { DataSource = path, DefaultTimeout = 20 }.ToString();

    public void Participate(ISiloLifecycle observer) =>
        observer.Subscribe(nameof(SqliteDatabase), ServiceLifecycleStage.RuntimeStorageServices, CreateAsync);

    /// <summary>Creates it; what is there already stays.</summary>
    /// <exception cref="StorageException">The file cannot be opened or is no database.</exception>
    public async Task CreateAsync(CancellationToken cancellationToken)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            await using var connection = new SqliteConnection(ConnectionString);
            await connection.OpenAsync(cancellationToken);
            await using var command = connection.CreateCommand();
            command.CommandText = await ReadScriptAsync(cancellationToken);
            await command.ExecuteNonQueryAsync(cancellationToken);
        }
        catch (Exception error) when (error is SqliteException || FileFaults.Is(error))
        {
            throw new StorageException(
                SqliteStorage.FaultOf(error),
                $"The SQLite database '{path}' cannot be opened or created: {error.Message} "
                    + "Name a file in a folder that this process may write to."
            );
        }
    }

    private static async Task<string> ReadScriptAsync(CancellationToken cancellationToken)
    {
        await using var stream = typeof(SqliteDatabase).Assembly.GetManifestResourceStream("Sqlite-Persistence.sql")!;
        using var reader = new StreamReader(stream);
        return await reader.ReadToEndAsync(cancellationToken);
    }
}
