namespace Air.Orleans.Core;

/// <summary>
/// Keeps the state of runs and checkpoints for one scheme of <see cref="ClusterUri"/>. One instance serves the whole process; its members
/// may be called from any thread.
/// </summary>
public interface IStorageProvider
{
    /// <summary>The scheme it answers for, in lower case, such as "redis".</summary>
    string Scheme { get; }

    /// <summary>
    /// Registers the keyed <c>IGrainStorage</c> <see cref="AirOptions.StorageName"/> over <paramref name="uri"/>. It connects to nothing yet.
    /// </summary>
    /// <exception cref="AirException">A secret that the scheme needs is missing from the environment.</exception>
    void ConfigureStorage(IServiceCollection services, ClusterUri uri);

    /// <summary>Makes what must be there before the first silo starts: tables, containers. Doing it again changes nothing.</summary>
    /// <exception cref="AirException">The server refused; the message names it and the cause in one line.</exception>
    Task InitializeAsync(ClusterUri uri, CancellationToken cancellationToken);

    /// <summary>Asks the server whether it would serve a silo or a client, and returns when it does.</summary>
    /// <exception cref="AirException">It refused or is not initialised; the message names host, port, cause and what to do in one line.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled before an answer.</exception>
    Task CheckAsync(ClusterUri uri, CancellationToken cancellationToken);
}
