namespace Air.Orleans.Core;

/// <summary>
/// The base of every error that Air.Orleans raises itself. The message says what was found, what must hold, where, and
/// what to do; it crosses grain calls unchanged.
/// </summary>
[GenerateSerializer, Alias("air.core.AirException")]
public class AirException : Exception
{
    /// <summary>Creates an error without a message.</summary>
    public AirException() { }

    /// <summary>Creates an error with the message <paramref name="message"/>.</summary>
    public AirException(string message)
        : base(message) { }

    /// <summary>Creates an error that was caused by <paramref name="innerException"/>.</summary>
    public AirException(string message, Exception? innerException)
        : base(message, innerException) { }
}
