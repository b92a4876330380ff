namespace Air.Orleans.Train;

/// <summary>A training run has failed: the message says on which worker, after which report, and why.</summary>
[GenerateSerializer, Alias("air.train.TrainingException")]
public sealed class TrainingException : AirException
{
    /// <summary>Creates an error without a message.</summary>
    public TrainingException() { }

    /// <summary>Creates an error with the message <paramref name="message"/>.</summary>
    public TrainingException(string message)
        : base(message) { }

    /// <summary>Creates an error that was caused by <paramref name="innerException"/>.</summary>
    public TrainingException(string message, Exception? innerException)
        : base(message, innerException) { }

    /// <summary>What the run had done before it failed: its history, and the checkpoints that it had committed.</summary>
    /// <value>Null inside the cluster; set where <c>FitAsync</c> raises it.</value>
    [field: NonSerialized]
    public Result? Result { get; init; }
}
