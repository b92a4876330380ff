namespace Air.Orleans.Train;

/// <summary>
/// The training loop of the user. One instance of it runs in each worker, on a thread of the worker's own, so it is an ordinary
/// synchronous method that may block. The object is copied to the silos with the values of its fields.
/// </summary>
/// <typeparam name="TParameters">A record or class that System.Text.Json can write and read.</typeparam>
public interface ITrainLoop<in TParameters>
{
    /// <summary>Trains; returns when it is done. An exception fails the run, with this worker's rank in the message.</summary>
    void Run(TrainContext context, TParameters parameters);
}
