using System.Collections.Concurrent;

namespace Air.Orleans.Tune.Tests.Cluster;

/// <summary>What the test sees of the runs of one host, and where it holds them.</summary>
internal sealed class TestRuns
{
    private readonly ConcurrentDictionary<(int Trial, int Iteration), Gate> _gates = [];
    private readonly Lock _lock = new();
    private readonly HashSet<string> _current = [];

    private readonly ConcurrentDictionary<string, bool> _starved = [];

    private readonly ConcurrentDictionary<string, TaskCompletionSource> _ends = [];

    private readonly ConcurrentDictionary<string, Gate> _ending = [];

    /// <summary>Run and iteration, in the order in which runs came by.</summary>
    public ConcurrentQueue<string> Passed { get; } = [];

    public int MostAtOnce { get; private set; }

    public ConcurrentBag<string> Began { get; } = [];

    /// <summary>With a seed, runs take turns in another order each time.</summary>
    public Random? Jitter { get; set; }

    public Gate HoldAt(int trial, int iteration) => _gates.GetOrAdd((trial, iteration), _ => new Gate());

    /// <summary>The run is as one that waits for resources; it goes on when <see cref="Feed"/> is called.</summary>
    public void Starve(string run) => _starved[run] = true;

    public void Feed(string run) => _starved.TryRemove(run, out _);

    public bool IsStarved(string run) => _starved.ContainsKey(run);

    /// <summary>The run, once it was told to stop, does not end before the result is released.</summary>
    public Gate HoldEndOf(string run) => _ending.GetOrAdd(run, _ => new Gate());

    public Task EndingAsync(string run)
    {
        if (!_ending.TryGetValue(run, out var gate))
        {
            return Task.CompletedTask;
        }

        gate.Arrived.TrySetResult();
        return gate.Released.Task;
    }

    /// <summary>Ends when the run has.</summary>
    public Task EndOf(string run) => _ends.GetOrAdd(run, _ => NewSignal()).Task;

    public void Enter(string run)
    {
        lock (_lock)
        {
            _current.Add(run);
            MostAtOnce = Math.Max(MostAtOnce, _current.Count);
        }

        Began.Add(run);
    }

    public void Leave(string run)
    {
        lock (_lock)
        {
            _current.Remove(run);
        }

        _ends.GetOrAdd(run, _ => NewSignal()).TrySetResult();
    }

    public async Task PassAsync(string run, int iteration, CancellationToken cancellationToken)
    {
        Passed.Enqueue($"{run}: {iteration}");
        var trial = int.Parse(run[(run.LastIndexOf('/') + 1)..run.LastIndexOf('-')]);
        if (_gates.TryGetValue((trial, iteration), out var gate))
        {
            gate.Arrived.TrySetResult();
            await gate.Released.Task.WaitAsync(cancellationToken);
        }

        for (var turns = Turns(); turns > 0; turns--)
        {
            await Task.Yield();
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private int Turns()
    {
        lock (_lock)
        {
            return Jitter?.Next(200) ?? 0;
        }
    }
}

/// <summary>A place where a run stands until the test releases it.</summary>
internal sealed class Gate
{
    public TaskCompletionSource Arrived { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public TaskCompletionSource Released { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task ArrivalAsync() => Arrived.Task.WaitAsync(TimeSpan.FromSeconds(30));

    public void Release() => Released.TrySetResult();
}
