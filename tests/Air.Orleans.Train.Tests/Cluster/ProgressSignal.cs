namespace Air.Orleans.Train.Tests.Cluster;

/// <summary>Waits for the progress that a test is about.</summary>
internal sealed class ProgressSignal(Func<TrainProgress, bool> awaited) : IProgress<TrainProgress>
{
    private readonly TaskCompletionSource<TrainProgress> _seen = new(
        TaskCreationOptions.RunContinuationsAsynchronously
    );

    public Task<TrainProgress> Seen => _seen.Task;

    public void Report(TrainProgress value)
    {
        if (awaited(value))
        {
            _seen.TrySetResult(value);
        }
    }
}
