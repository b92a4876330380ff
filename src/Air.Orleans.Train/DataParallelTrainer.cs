namespace Air.Orleans.Train;

/// <summary>A trainer for a loop in plain C#, without a machine-learning framework.</summary>
/// <typeparam name="TParameters">A record or class that System.Text.Json can write and read.</typeparam>
public sealed record DataParallelTrainer<TParameters> : Trainer<TParameters>
{
    /// <summary>A trainer that runs <paramref name="loop"/> on every worker.</summary>
    public DataParallelTrainer(ITrainLoop<TParameters> loop)
    {
        ArgumentNullException.ThrowIfNull(loop);
        Loop = loop;
    }

    /// <summary>The loop that every worker runs.</summary>
    public ITrainLoop<TParameters> Loop { get; }

    private protected override ITrainLoop<TParameters> WorkerLoop => Loop;
}
