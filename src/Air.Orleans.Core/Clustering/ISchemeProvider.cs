namespace Air.Orleans.Core;

/// <summary>Serves one scheme of <see cref="ClusterUri"/>. One instance serves the whole process; its members may be called from any thread.</summary>
public interface ISchemeProvider
{
    /// <summary>The scheme it answers for, in lower case, such as "redis".</summary>
    string Scheme { get; }

    /// <summary>Asks the server whether it would serve a silo or a client, and returns when it does.</summary>
    /// <exception cref="AirException">It refused or is not initialised; the message names host, port, cause and what to do in one line.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled before an answer.</exception>
    Task CheckAsync(ClusterUri uri, CancellationToken cancellationToken);
}
