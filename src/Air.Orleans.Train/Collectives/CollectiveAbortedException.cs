namespace Air.Orleans.Train.Collectives;

/// <summary>The workers cannot go on together: one failed, was stopped, or made other calls than the rest.</summary>
[GenerateSerializer, Alias("air.train.CollectiveAbortedException")]
internal sealed class CollectiveAbortedException : AirException
{
    /// <summary>Creates an error without a message.</summary>
    public CollectiveAbortedException() { }

    /// <summary>Creates an error with the message <paramref name="message"/>.</summary>
    public CollectiveAbortedException(string message)
        : base(message) { }

    /// <summary>Creates an error that was caused by <paramref name="innerException"/>.</summary>
    public CollectiveAbortedException(string message, Exception? innerException)
        : base(message, innerException) { }
}
