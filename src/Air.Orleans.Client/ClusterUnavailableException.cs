namespace Air.Orleans;

/// <summary>The cluster does not answer now; the message says why. The same call may be made again later.</summary>
public sealed class ClusterUnavailableException : AirException
{
    /// <summary>Creates an error without a message.</summary>
    public ClusterUnavailableException() { }

    /// <summary>Creates an error with the message <paramref name="message"/>.</summary>
    public ClusterUnavailableException(string message)
        : base(message) { }

    /// <summary>Creates an error that was caused by <paramref name="innerException"/>.</summary>
    public ClusterUnavailableException(string message, Exception? innerException)
        : base(message, innerException) { }
}
