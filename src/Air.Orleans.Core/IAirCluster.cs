namespace Air.Orleans.Core;

/// <summary>
/// The door to a cluster: an embedded one in this process, or one of silos elsewhere. Each library adds its own door
/// (<c>air.Data</c>, <c>air.Serve</c>, <c>air.FitAsync(...)</c>) by extension. Safe to use from any thread; make one
/// and keep it for the life of the program.
/// </summary>
public interface IAirCluster : IAsyncDisposable
{
    /// <summary>The services of the client or, in an embedded cluster, of its first silo.</summary>
    IServiceProvider Services { get; }
}
