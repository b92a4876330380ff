using System.Collections.Concurrent;
using Air.Orleans.Core.Resilience;
using Air.Orleans.Core.Silos;
using Air.Orleans.Train.Grains;

namespace Air.Orleans.Train.Workers;

/// <summary>
/// The workers and runs of this silo, and their farewell. A worker ends after a report with a checkpoint, and its run goes on elsewhere from
/// there; a run moves with its state. A loop that reports too seldom for that is ended as the silo stops, and goes on from the checkpoint
/// before. Where a silo stops without having drained, that is so for all of them. Thread-safe.
/// </summary>
internal sealed class TrainDrain(SiloDrain drain, IGrainFactory grains, ILocalSiloDetails silo, TimeProvider time)
    : IDrainPart,
        ILifecycleParticipant<ISiloLifecycle>
{
    /// <summary>For what is left as the silo stops: below the time in which an embedded cluster stops.</summary>
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<string, Entry> _runs = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<object, Entry> _workers = new();
    private volatile bool _stops;

    public DrainPhase Phase => DrainPhase.Moving;

    public string Name => "training workers";

    public IReadOnlyList<string> Held =>
        [.. _workers.Values.Concat(_runs.Values).Select(static entry => entry.Name).Order(StringComparer.Ordinal)];

    /// <summary>Whether the silo drains or stops: workers end with their next report, and nothing begins here.</summary>
    public bool HasBegun => _stops || drain.HasBegun;

    /// <summary>A worker begins; <paramref name="end"/> ends it without waiting for a report, for the reason that it is given.</summary>
    public void Add(object worker, string name, Action<string> end) => _workers[worker] = new Entry(name, end);

    /// <summary>Its run has heard how it ended, or nobody will ask.</summary>
    public void Remove(object worker)
    {
        if (_workers.TryRemove(worker, out var entry))
        {
            entry.Left.SetResult();
        }
    }

    /// <summary>A run is carried here.</summary>
    public void AddRun(string name) => _runs.TryAdd(name, new Entry($"run {name}", static _ => { }));

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
        await LeaveAsync(limit);
        await LeftAsync().WaitAsync(limit);
    }

    /// <summary>
    /// Before the silo's grains end, and after the ledger has heard that it stops. A grain that is asked something ends only with its
    /// answer, so a run would otherwise begin again here, and its workers be lost without a word.
    /// </summary>
    public void Participate(ISiloLifecycle observer) =>
        observer.Subscribe(
            nameof(TrainDrain),
            ServiceLifecycleStage.Active,
            static _ => Task.CompletedTask,
            _ => StopAsync()
        );

    private async Task StopAsync()
    {
        _stops = true;
        foreach (var worker in _workers.Values)
        {
            worker.End($"The silo {silo.SiloAddress} of the workers stops.");
        }

        using var limit = new CancellationTokenSource(StopLimit, time);
        try
        {
            await LeaveAsync(limit.Token);
            await LeftAsync().WaitAsync(limit.Token);
        }
        catch (Exception error) when (error is OperationCanceledException || GrainCalls.IsTransient(error))
        {
            // A loop that does not look at its token: its run hears of it from the membership.
        }
    }

    private Task LeaveAsync(CancellationToken limit) =>
        Task.WhenAll(
            _runs.Keys.Select(name =>
                GrainCalls
                    .RetryAsync(() => grains.GetGrain<ITrainRunGrain>(name).LeaveAsync(silo.SiloAddress), limit)
                    .AsTask()
            )
        );

    private Task LeftAsync() =>
        Task.WhenAll(_workers.Values.Concat(_runs.Values).Select(static entry => entry.Left.Task));

    private sealed record Entry(string Name, Action<string> End)
    {
        public TaskCompletionSource Left { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
