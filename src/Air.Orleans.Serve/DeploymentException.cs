namespace Air.Orleans.Serve;

/// <summary>
/// A deployment cannot be made or found, or did not answer a request with predictions: the message is the detail of the
/// problem that HTTP would give.
/// </summary>
[GenerateSerializer, Alias("air.serve.DeploymentException")]
public sealed class DeploymentException : AirException
{
    /// <summary>Creates an error without a message.</summary>
    public DeploymentException() { }

    /// <summary>Creates an error with the message <paramref name="message"/>.</summary>
    public DeploymentException(string message)
        : base(message) { }

    /// <summary>Creates an error that was caused by <paramref name="innerException"/>.</summary>
    public DeploymentException(string message, Exception? innerException)
        : base(message, innerException) { }

    /// <summary>
    /// The status that HTTP has for it: 400 for rows that the model cannot take, 404 for an unknown deployment, 413 for too
    /// many bytes, 500 for a model that failed, 503 where every replica is busy or lost, 504 where none answered in time.
    /// </summary>
    /// <value>0: it is no answer to a request.</value>
    [Id(0)]
    public int Status { get; init; }
}
