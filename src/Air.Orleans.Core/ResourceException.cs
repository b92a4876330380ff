namespace Air.Orleans.Core;

/// <summary>Resources were asked for that no silo of the cluster could ever give, or not before the deadline.</summary>
[GenerateSerializer, Alias("air.core.ResourceException")]
public sealed class ResourceException : AirException
{
    /// <summary>Creates an error without a message.</summary>
    public ResourceException() { }

    /// <summary>Creates an error with the message <paramref name="message"/>.</summary>
    public ResourceException(string message)
        : base(message) { }

    /// <summary>Creates an error that was caused by <paramref name="innerException"/>.</summary>
    public ResourceException(string message, Exception? innerException)
        : base(message, innerException) { }
}
