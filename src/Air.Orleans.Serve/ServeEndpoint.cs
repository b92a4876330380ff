using System.Runtime.CompilerServices;
using Air.Orleans.Serve.Routing;

namespace Air.Orleans.Serve;

/// <summary>
/// A deployment that answers. Calls go to whichever version has the traffic. Disposing deletes the version that
/// <see cref="ServeDoor.RunAsync"/> made, if it still has the traffic. Thread-safe.
/// </summary>
public sealed class ServeEndpoint : IAsyncDisposable
{
    private readonly ServeDoor _door;
    private readonly DeploymentRouter _router;
    private readonly bool _deletesOnDispose;
    private int _disposed;

    internal ServeEndpoint(ServeDoor door, DeploymentRouter router, RoutingEntry entry, Uri? url, bool deletesOnDispose)
    {
        _door = door;
        _router = router;
        _deletesOnDispose = deletesOnDispose;
        Name = entry.Name;
        Version = entry.Version;
        Route = entry.Route;
        Url = url;
    }

    /// <summary>The deployment's name.</summary>
    public string Name { get; }

    /// <summary>The version that had the traffic when this was made.</summary>
    public int Version { get; }

    /// <summary>The path that it answers over HTTP.</summary>
    public string Route { get; }

    /// <summary>
    /// Where it takes HTTP, such as http://127.0.0.1:43567/cancer; one of several, where several silos have HTTP. Null where none
    /// has. Where the silos are on loopback, it cannot be reached from another machine. Its silo may be lost; then another of
    /// <see cref="UrlsAsync"/> answers.
    /// </summary>
    public Uri? Url { get; }

    /// <summary>
    /// Where it takes HTTP now, on each silo that does, asked of the cluster at every call: each URL answers with any of the replicas.
    /// A silo that joined, or whose cluster lost the silo that keeps this list, is in it within seconds. Empty where no silo has HTTP.
    /// </summary>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="TimeoutException">The cluster did not answer for half a minute.</exception>
    public Task<IReadOnlyList<Uri>> UrlsAsync(CancellationToken cancellationToken = default) =>
        _door.UrlsAsync(Route, cancellationToken);

    /// <summary>
    /// A client for <see cref="Url"/> and <see cref="UrlsAsync"/> that shows the first API key of this process and believes the cluster's
    /// authority, as well as those of the system. It sends the key wherever it is used: use it for these URLs only. The caller disposes it.
    /// </summary>
    public HttpClient CreateHttpClient() => _door.CreateHttpClient();

    /// <summary>A typed handle, for many calls.</summary>
    /// <typeparam name="TRow">
    /// A row: a type whose properties are the columns, by their own name or [JsonPropertyName], or a dictionary of them.
    /// </typeparam>
    /// <typeparam name="TPrediction">
    /// The prediction of a row: a number, text or array for a model with one column, else a type whose properties are the columns.
    /// </typeparam>
    public DeploymentHandle<TRow, TPrediction> Handle<TRow, TPrediction>() => new(_router, Name);

    /// <summary>The prediction for one row.</summary>
    /// <inheritdoc cref="DeploymentHandle{TRow,TPrediction}.PredictAsync(TRow, CancellationToken)"/>
    [OverloadResolutionPriority(1)]
    public Task<TPrediction> PredictAsync<TRow, TPrediction>(TRow row, CancellationToken cancellationToken = default) =>
        Handle<TRow, TPrediction>().PredictAsync(row, cancellationToken);

    /// <summary>The predictions for rows: as many, in the same order, scored in one batch.</summary>
    /// <inheritdoc cref="DeploymentHandle{TRow,TPrediction}.PredictAsync(IReadOnlyCollection{TRow}, CancellationToken)"/>
    public Task<IReadOnlyList<TPrediction>> PredictAsync<TRow, TPrediction>(
        IReadOnlyCollection<TRow> rows,
        CancellationToken cancellationToken = default
    ) => Handle<TRow, TPrediction>().PredictAsync(rows, cancellationToken);

    /// <summary>Deletes the deployment, where this endpoint made it and no other version took its place.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_deletesOnDispose && Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            await _door.DeleteVersionAsync(Name, Version);
        }
    }
}
