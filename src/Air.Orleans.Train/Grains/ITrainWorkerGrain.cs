using Air.Orleans.Core.Resilience;

namespace Air.Orleans.Train.Grains;

/// <summary>One rank of one attempt of a run; the key is run, attempt and rank. Its loop runs on a thread of its own.</summary>
[Alias("air.train.ITrainWorkerGrain")]
internal interface ITrainWorkerGrain : IGrainWithStringKey
{
    /// <summary>Begins; may be called again. Gives the silo where the worker stands.</summary>
    [Alias("Start"), ResponseTimeout(SharedWork.CallTimeout)]
    Task<SiloAddress> StartAsync(WorkerStart start);

    /// <summary>Waits up to <paramref name="patience"/> for the end; null where it goes on.</summary>
    [Alias("Wait"), ResponseTimeout(SharedWork.CallTimeout)]
    Task<WorkerEnd?> WaitAsync(TimeSpan patience);

    /// <summary>The worker ends after its next report with a checkpoint, as its run moves; may be called again.</summary>
    [Alias("Move"), ResponseTimeout(SharedWork.CallTimeout)]
    Task MoveAsync();

    /// <summary>Tells the worker to stop; false where its thread has not ended yet: ask again.</summary>
    [Alias("Stop"), ResponseTimeout(SharedWork.CallTimeout)]
    Task<bool> StopAsync(string reason);
}
