namespace Air.Orleans.Core.Runs.Control;

/// <summary>The list of all runs: pure decisions. Of those that ended, only the latest are kept. Not thread-safe.</summary>
[GenerateSerializer, Alias("air.core.RunBook")]
internal sealed class RunBook
{
    /// <summary>How many ended runs are kept.</summary>
    public const int KeptEnded = 1_000;

    [Id(0)]
    private readonly Dictionary<string, RunEntry> _runs = [];

    public IEnumerable<RunEntry> All => _runs.Values;

    /// <summary>Those that a silo should carry now.</summary>
    public IEnumerable<RunEntry> Carried =>
        _runs.Values.Where(static run => !run.Info.State.HasEnded && run.Info.State != RunState.Interrupted);

    public RunEntry? Find(RunKind kind, string name) => _runs.GetValueOrDefault(KeyOf(kind, name));

    /// <summary>A run is asked for; one that ended or was interrupted begins anew. Gives whether anything changed.</summary>
    public bool Begin(RunKind kind, string name, GrainId grain, DateTimeOffset now)
    {
        var known = Find(kind, name);
        if (known is { Info.State: RunState.Pending or RunState.Running })
        {
            return false;
        }

        var info = new RunInfo
        {
            Name = name,
            Kind = kind,
            State = RunState.Pending,
            CreatedAt = known is { Info.State: RunState.Interrupted } ? known.Info.CreatedAt : now,
            ChangedAt = now,
        };
        _runs[KeyOf(kind, name)] = new RunEntry(info, grain);
        return true;
    }

    /// <summary>Where a run says it stands. Gives whether that is news.</summary>
    public bool Read(RunKind kind, string name, RunReading reading, DateTimeOffset now)
    {
        if (Find(kind, name) is not { } known)
        {
            return false;
        }

        var info = known.Info with { State = reading.State, Detail = reading.Detail, Error = reading.Error };
        if (info == known.Info)
        {
            return false;
        }

        _runs[KeyOf(kind, name)] = known with { Info = info with { ChangedAt = now } };
        if (info.State.HasEnded)
        {
            ForgetOldest();
        }

        return true;
    }

    /// <summary>Every silo was lost under these runs: they wait to be resumed. Deployments come back by themselves.</summary>
    public void Interrupt(IEnumerable<RunEntry> runs, DateTimeOffset now)
    {
        foreach (var run in runs.Where(static run => run.Info.Kind != RunKind.Deployment))
        {
            var reading = new RunReading(RunState.Interrupted, "every silo was lost; it waits to be resumed", null);
            Read(run.Info.Kind, run.Info.Name, reading, now);
        }
    }

    /// <summary>Gives whether there was one.</summary>
    public bool Remove(RunKind kind, string name) => _runs.Remove(KeyOf(kind, name));

    private void ForgetOldest()
    {
        var ended = _runs.Where(static run => run.Value.Info.State.HasEnded).ToList();
        foreach (var (key, _) in ended.OrderByDescending(static run => run.Value.Info.ChangedAt).Skip(KeptEnded))
        {
            _runs.Remove(key);
        }
    }

    private static string KeyOf(RunKind kind, string name) => $"{kind}/{name}";
}

/// <summary>A run and the grain that carries it.</summary>
[GenerateSerializer, Immutable, Alias("air.core.RunEntry")]
internal sealed record RunEntry([property: Id(0)] RunInfo Info, [property: Id(1)] GrainId Grain);

/// <summary>Where a run says it stands.</summary>
[GenerateSerializer, Immutable, Alias("air.core.RunReading")]
internal sealed record RunReading(
    [property: Id(0)] RunState State,
    [property: Id(1)] string Detail,
    [property: Id(2)] string? Error
);
