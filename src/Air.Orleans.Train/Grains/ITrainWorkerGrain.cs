namespace Air.Orleans.Train.Grains;

/// <summary>One rank of one attempt of a run; the key is run, attempt and rank. Its loop runs on a thread of its own.</summary>
[Alias("air.train.ITrainWorkerGrain")]
internal interface ITrainWorkerGrain : IGrainWithStringKey
{
    /// <summary>Begins; may be called again. Gives the silo where the worker stands.</summary>
    [Alias("Start")]
    Task<SiloAddress> StartAsync(WorkerStart start);

    /// <summary>Waits up to <paramref name="patience"/> for the end; null where it goes on.</summary>
    [Alias("Wait")]
    Task<WorkerEnd?> WaitAsync(TimeSpan patience);

    /// <summary>Tells the worker to stop, and waits until its thread has ended.</summary>
    [Alias("Stop")]
    Task StopAsync(string reason);
}
