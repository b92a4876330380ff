using System.Collections.Concurrent;
using Air.Orleans.Core.Resilience;
using Air.Orleans.Core.Silos;
using Air.Orleans.Train.Grains;

namespace Air.Orleans.Train.Workers;

/// <summary>
/// The workers and runs of this silo, and their farewell. A worker ends after a report with a checkpoint, and its run goes on elsewhere from
/// there; a run moves with its state. A loop that reports too seldom for that is ended as the silo stops, and goes on from the checkpoint
/// before. Thread-safe.
/// </summary>
internal sealed class TrainDrain(SiloDrain drain, IGrainFactory grains, ILocalSiloDetails silo) : IDrainPart
{
    private readonly ConcurrentDictionary<string, Entry> _runs = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<object, Entry> _workers = new();

    public DrainPhase Phase => DrainPhase.Moving;

    public string Name => "training workers";

    public IReadOnlyList<string> Held =>
        [.. _workers.Values.Concat(_runs.Values).Select(static entry => entry.Name).Order(StringComparer.Ordinal)];

    /// <summary>Whether workers should end with their next report.</summary>
    public bool HasBegun => drain.HasBegun;

    /// <summary>A worker begins.</summary>
    public void Add(object worker, string name) => _workers[worker] = new Entry(name);

    /// <summary>Its run has heard how it ended, or nobody will ask.</summary>
    public void Remove(object worker)
    {
        if (_workers.TryRemove(worker, out var entry))
        {
            entry.Left.SetResult();
        }
    }

    /// <summary>A run is carried here.</summary>
    public void AddRun(string name) => _runs.TryAdd(name, new Entry($"run {name}"));

    /// <summary>It is over, or carried elsewhere.</summary>
    public void RemoveRun(string name)
    {
        if (_runs.TryRemove(name, out var entry))
        {
            entry.Left.SetResult();
        }
    }

    public async Task DrainAsync(CancellationToken limit)
    {
        await Task.WhenAll(
            _runs.Keys.Select(name =>
                GrainCalls
                    .RetryAsync(() => grains.GetGrain<ITrainRunGrain>(name).LeaveAsync(silo.SiloAddress), limit)
                    .AsTask()
            )
        );
        await Task.WhenAll(_workers.Values.Concat(_runs.Values).Select(static entry => entry.Left.Task))
            .WaitAsync(limit);
    }

    private sealed record Entry(string Name)
    {
        public TaskCompletionSource Left { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
