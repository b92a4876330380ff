namespace Air.Orleans.Core;

/// <summary>
/// A writer of checkpoints whose epoch is over: its run has begun again elsewhere, after the writer hung or was cut off. What it wrote is
/// removed; it must stop.
/// </summary>
[GenerateSerializer, Alias("air.core.StaleWriterException")]
public sealed class StaleWriterException : AirException
{
    /// <summary>Creates an error without a message.</summary>
    public StaleWriterException() { }

    /// <summary>Creates an error with the message <paramref name="message"/>.</summary>
    public StaleWriterException(string message)
        : base(message) { }

    /// <summary>Creates an error that was caused by <paramref name="innerException"/>.</summary>
    public StaleWriterException(string message, Exception? innerException)
        : base(message, innerException) { }
}
