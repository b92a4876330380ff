namespace Air.Orleans.Tune;

/// <summary>A search cannot be started or carried on, or has no best trial.</summary>
[GenerateSerializer, Alias("air.tune.TuneException")]
public sealed class TuneException : AirException
{
    /// <summary>Creates an error without a message.</summary>
    public TuneException() { }

    /// <summary>Creates an error with the message <paramref name="message"/>.</summary>
    public TuneException(string message)
        : base(message) { }

    /// <summary>Creates an error that was caused by <paramref name="innerException"/>.</summary>
    public TuneException(string message, Exception? innerException)
        : base(message, innerException) { }
}
