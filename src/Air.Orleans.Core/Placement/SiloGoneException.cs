namespace Air.Orleans.Core.Placement;

/// <summary>A silo that alone could answer is not in the cluster any more.</summary>
[GenerateSerializer, Alias("air.core.SiloGoneException")]
internal sealed class SiloGoneException : AirException
{
    /// <summary>Creates an error without a message.</summary>
    public SiloGoneException() { }

    /// <summary>Creates an error with the message <paramref name="message"/>.</summary>
    public SiloGoneException(string message)
        : base(message) { }

    /// <summary>Creates an error that was caused by <paramref name="innerException"/>.</summary>
    public SiloGoneException(string message, Exception? innerException)
        : base(message, innerException) { }
}
