namespace Air.Orleans.Core;

/// <summary>Something that can be run with different parameters, as a search does: a trainer is one.</summary>
/// <typeparam name="TParameters">The record that holds the parameters.</typeparam>
public interface ITrainable<TParameters>
{
    /// <summary>The parameters to start from; a search replaces some of them in each trial.</summary>
    TParameters Parameters { get; }

    /// <summary>Prepares a launch in a cluster: what each trial starts, and what it needs.</summary>
    Runs.TrainableLaunch Prepare(IAirCluster cluster);
}
