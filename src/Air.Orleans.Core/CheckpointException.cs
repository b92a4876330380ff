namespace Air.Orleans.Core;

/// <summary>A checkpoint cannot be read or written: it is missing, incomplete, or its bytes are not those that were written.</summary>
[GenerateSerializer, Alias("air.core.CheckpointException")]
public sealed class CheckpointException : AirException
{
    /// <summary>Creates an error without a message.</summary>
    public CheckpointException() { }

    /// <summary>Creates an error with the message <paramref name="message"/>.</summary>
    public CheckpointException(string message)
        : base(message) { }

    /// <summary>Creates an error that was caused by <paramref name="innerException"/>.</summary>
    public CheckpointException(string message, Exception? innerException)
        : base(message, innerException) { }
}
