using System.Collections.Concurrent;
using Air.Orleans.Core.Silos;

namespace Air.Orleans.Train.Workers;

/// <summary>
/// The workers of this silo, and their farewell: each ends after a report with a checkpoint, and its run goes on elsewhere from there. A loop
/// that reports too seldom for that is ended as the silo stops, and goes on from the checkpoint before. Thread-safe.
/// </summary>
internal sealed class TrainDrain(SiloDrain drain) : IDrainPart
{
    private readonly ConcurrentDictionary<object, Entry> _workers = new();

    public DrainPhase Phase => DrainPhase.Moving;

    public string Name => "training workers";

    public IReadOnlyList<string> Held => [.. _workers.Values.Select(static entry => entry.Name).Order()];

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

    public Task DrainAsync(CancellationToken limit) =>
        Task.WhenAll(_workers.Values.Select(static entry => entry.Left.Task)).WaitAsync(limit);

    private sealed record Entry(string Name)
    {
        public TaskCompletionSource Left { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
