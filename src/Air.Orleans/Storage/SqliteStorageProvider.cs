namespace Air.Orleans.Storage;

/// <summary><c>sqlite:///path/file.db</c> as storage, which several silos on one machine may share.</summary>
internal sealed class SqliteStorageProvider : IStorageProvider
{
    public string Scheme => "sqlite";

    public void ConfigureStorage(IServiceCollection services, ClusterUri uri) =>
        services.AddSqliteStorage(AirOptions.StorageName, uri.Path);

    public Task InitializeAsync(ClusterUri uri, CancellationToken cancellationToken) =>
        new SqliteDatabase(uri.Path).CreateAsync(cancellationToken);

    /// <summary>A silo makes the file, so that it serves whenever it can be made.</summary>
    public Task CheckAsync(ClusterUri uri, CancellationToken cancellationToken) =>
        InitializeAsync(uri, cancellationToken);
}
