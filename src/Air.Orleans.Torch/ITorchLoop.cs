namespace Air.Orleans.Torch;

/// <summary>
/// The training loop of the user, with TorchSharp. One instance of it runs in each worker, on a thread of the worker's own, so it is
/// an ordinary synchronous method: a dispose scope of TorchSharp belongs to one thread and must not span an await. The object
/// is copied to the silos with the values of its fields.
/// </summary>
/// <typeparam name="TParameters">A record or class that System.Text.Json can write and read.</typeparam>
public interface ITorchLoop<in TParameters>
{
    /// <summary>Trains; returns when it is done. An exception fails the run, with this worker's rank in the message.</summary>
    void Run(TorchContext context, TParameters parameters);
}
