namespace Air.Orleans.Core;

/// <summary>
/// Grain storage did not do what was asked. What was committed before is unharmed; whether the write at hand was, the message says. A
/// state that another activation has changed is no fault of the storage: that is an InconsistentStateException.
/// </summary>
[GenerateSerializer, Alias("air.core.StorageException")]
public sealed class StorageException : AirException
{
    /// <summary>Creates an error without a message.</summary>
    public StorageException() { }

    /// <summary>Creates an error with the message <paramref name="message"/>.</summary>
    public StorageException(string message)
        : base(message) { }

    /// <summary>Creates an error that was caused by <paramref name="innerException"/>.</summary>
    public StorageException(string message, Exception? innerException)
        : base(message, innerException) { }

    /// <summary>Creates an error of that kind.</summary>
    public StorageException(StorageFault fault, string message)
        : base(message) => Fault = fault;

    /// <summary>What is wrong.</summary>
    [Id(0)]
    public StorageFault Fault { get; private set; }
}
