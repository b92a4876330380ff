namespace Air.Orleans.Core;

/// <summary>A block is not held any more where it was: it was freed, or its silo is lost. Whoever has its recipe can have it computed again.</summary>
[GenerateSerializer, Alias("air.core.BlockLostException")]
public sealed class BlockLostException : AirException
{
    /// <summary>Creates an error without a message.</summary>
    public BlockLostException() { }

    /// <summary>Creates an error with the message <paramref name="message"/>.</summary>
    public BlockLostException(string message)
        : base(message) { }

    /// <summary>Creates an error that was caused by <paramref name="innerException"/>.</summary>
    public BlockLostException(string message, Exception? innerException)
        : base(message, innerException) { }
}
