namespace Air.Orleans.Data;

/// <summary>A dataset cannot be read or transformed: the message names the file, line and column, or the operator and block.</summary>
[GenerateSerializer, Alias("air.data.DatasetException")]
public sealed class DatasetException : AirException
{
    /// <summary>Creates an error without a message.</summary>
    public DatasetException() { }

    /// <summary>Creates an error with the message <paramref name="message"/>.</summary>
    public DatasetException(string message)
        : base(message) { }

    /// <summary>Creates an error that was caused by <paramref name="innerException"/>.</summary>
    public DatasetException(string message, Exception? innerException)
        : base(message, innerException) { }
}
