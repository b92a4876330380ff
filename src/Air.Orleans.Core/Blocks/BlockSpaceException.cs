namespace Air.Orleans.Core;

/// <summary>There is no room for a block, in memory or on disk; the message says where, how much is needed, what holds the rest, and what to do.</summary>
[GenerateSerializer, Alias("air.core.BlockSpaceException")]
public sealed class BlockSpaceException : AirException
{
    /// <summary>Creates an error without a message.</summary>
    public BlockSpaceException() { }

    /// <summary>Creates an error with the message <paramref name="message"/>.</summary>
    public BlockSpaceException(string message)
        : base(message) { }

    /// <summary>Creates an error that was caused by <paramref name="innerException"/>.</summary>
    public BlockSpaceException(string message, Exception? innerException)
        : base(message, innerException) { }
}
