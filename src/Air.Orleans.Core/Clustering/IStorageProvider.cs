namespace Air.Orleans.Core;

/// <summary>
/// Keeps the state of runs and checkpoints for one scheme of <see cref="ClusterUri"/>. One instance serves the whole process; its members
/// may be called from any thread.
/// </summary>
public interface IStorageProvider : ISchemeProvider
{
    /// <summary>
    /// Registers the keyed <c>IGrainStorage</c> <see cref="AirOptions.StorageName"/> over <paramref name="uri"/>. It connects to nothing yet.
    /// </summary>
    /// <exception cref="AirException">A secret that the scheme needs is missing from the environment.</exception>
    void ConfigureStorage(IServiceCollection services, ClusterUri uri);

    /// <summary>Makes what must be there before the first silo starts: tables, containers. Doing it again changes nothing.</summary>
    /// <exception cref="AirException">The server refused; the message names it and the cause in one line.</exception>
    Task InitializeAsync(ClusterUri uri, CancellationToken cancellationToken);
}
