using System.Diagnostics.Metrics;
using Air.Orleans.Core.Diagnostics;
using Air.Orleans.Core.Resilience;
using Air.Orleans.Core.Resources;
using Air.Orleans.Core.Runs.Control;
using Microsoft.Extensions.Logging;
using Orleans.Concurrency;

namespace Air.Orleans.Core.Runs.Grains;

/// <inheritdoc cref="IRunBookGrain"/>
/// <remarks>
/// Whether only silos were lost or the whole cluster: every silo keeps the incarnation in memory. One that knows the incarnation of the
/// state proves that the cluster has lived on since; where every silo that is there knows none, it is a new one.
/// </remarks>
[GrainType("air.core.runs"), Reentrant, KeepAlive]
internal sealed partial class RunBookGrain(
    [PersistentState("air.core.runs", AirOptions.StorageName)] IPersistentState<RunBookState> state,
    IManagementView membership,
    AirOptions options,
    TimeProvider time,
    ILogger<RunBookGrain> logger
) : Grain, IRunBookGrain
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan WakeInterval = TimeSpan.FromSeconds(1);

    /// <summary>A run that never began (its client was lost while it asked) is listed no longer than this.</summary>
    private static readonly TimeSpan BeginLimit = TimeSpan.FromMinutes(2);

    private readonly Dictionary<SiloAddress, string?> _silos = [];
    private readonly ChangeSignal _changed = new();
    private HashSet<(RunKind, string)> _silent = [];
    private SharedWrite? _write;
    private readonly Meter _gauges = CoreMeter.NewMeter();
    private Measurement<long>[] _counts = [];
    private string? _incarnation;
    private DateTimeOffset _woken;
    private Task _waking = Task.CompletedTask;

    private RunBook Book => state.State.Book;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _silent = [.. Book.Carried.Select(static run => (run.Info.Kind, run.Info.Name))];
        Count();
        _gauges.CreateObservableUpDownCounter(
            "air.core.runs",
            () => Volatile.Read(ref _counts),
            "{run}",
            "Runs by kind and state; told by the silo that carries the book of runs."
        );
        return Task.CompletedTask;
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        _gauges.Dispose();
        return Task.CompletedTask;
    }

    public async Task BeginAsync(RunKind kind, string name, GrainId grain)
    {
        _silent.Remove((kind, name));
        Book.Begin(kind, name, grain, time.GetUtcNow());
        // Also where nothing changed: the write of a call before may have failed.
        await WriteAsync();
    }

    public async Task NoteAsync(RunKind kind, string name, RunReading reading)
    {
        _silent.Remove((kind, name));
        if (Book.Read(kind, name, reading, time.GetUtcNow()))
        {
            await WriteAsync();
        }
    }

    public Task<RunEntry[]> ListAsync() =>
        Task.FromResult<RunEntry[]>([.. Book.All.OrderByDescending(static run => run.Info.ChangedAt)]);

    public async Task<RunInfo?> WatchAsync(RunKind kind, string name)
    {
        var deadline = time.GetUtcNow() + Patience;
        while (true)
        {
            var change = _changed.Next;
            var info = Book.Find(kind, name)?.Info;
            var left = deadline - time.GetUtcNow();
            if (info is null or { State: not (RunState.Pending or RunState.Running) } || left <= TimeSpan.Zero)
            {
                return info;
            }

            await Task.WhenAny(change, Task.Delay(left, time));
        }
    }

    public async Task ResumeAsync(RunKind kind, string name)
    {
        if (Book.Find(kind, name) is { Info.State: RunState.Interrupted } run)
        {
            await BeginAsync(kind, name, run.Grain);
        }

        _silent.Remove((kind, name));
        await RefreshAsync(kind, name);
    }

    public async Task<RunEntry?> RefreshAsync(RunKind kind, string name)
    {
        // Asking wakes it, which one that was lost with the whole cluster must not be unasked.
        var mayBeLost = _incarnation is null && _silent.Contains((kind, name));
        if (Book.Find(kind, name) is { Info.State: RunState.Pending or RunState.Running } carried && !mayBeLost)
        {
            await WakeAsync(carried);
        }

        return Book.Find(kind, name);
    }

    public async Task RemoveAsync(RunKind kind, string name)
    {
        Book.Remove(kind, name);
        await WriteAsync();
    }

    public async Task<string?> PokeAsync(SiloAddress silo, string? incarnation)
    {
        _silos[silo] = incarnation;
        if (_incarnation is null)
        {
            await DecideAsync();
        }

        if (_incarnation is not null && _waking.IsCompleted && time.GetUtcNow() - _woken >= WakeInterval)
        {
            _woken = time.GetUtcNow();
            // Not awaited: the silo need not hear of it.
            _waking = Task.WhenAll(Book.Carried.ToList().Select(WakeAsync));
        }

        return _incarnation;
    }

    private async Task DecideAsync()
    {
        var active = await membership.ActiveSilosAsync();
        var known = state.State.Incarnation;
        if (known.Length > 0 && active.Any(silo => _silos.GetValueOrDefault(silo) == known))
        {
            _incarnation = known;
        }
        else if (_incarnation is null && active.All(_silos.ContainsKey))
        {
            var lost = Book.Carried.Where(run => _silent.Contains((run.Info.Kind, run.Info.Name))).ToList();
            if (!options.ResumeRunsAfterRestart && known.Length > 0)
            {
                Book.Interrupt(lost, time.GetUtcNow());
                LogNewIncarnation(lost.Count);
            }

            state.State.Incarnation = Guid.NewGuid().ToString("N");
            _incarnation = state.State.Incarnation;
            try
            {
                await WriteAsync();
            }
            catch
            {
                _incarnation = null;
                throw;
            }
        }
    }

    private async Task WakeAsync(RunEntry run)
    {
        var (kind, name) = (run.Info.Kind, run.Info.Name);
        try
        {
            var reading = await GrainFactory.GetGrain<IListedRunGrain>(run.Grain).WakeAsync(name);
            if (reading is not null)
            {
                await NoteAsync(kind, name, reading);
            }
            else if (time.GetUtcNow() - run.Info.ChangedAt > BeginLimit && Book.Find(kind, name) == run)
            {
                await RemoveAsync(kind, name);
            }
        }
        catch (Exception error)
        {
            // Asked again with the next poke.
            LogNotWoken(name, error);
        }
    }

    private void Count() =>
        Volatile.Write(
            ref _counts,
            [
                .. Book
                    .All.GroupBy(static run => (run.Info.Kind, run.Info.State))
                    .Select(static runs => new Measurement<long>(
                        runs.Count(),
                        KeyValuePair.Create<string, object?>("kind", runs.Key.Kind.ToString()),
                        KeyValuePair.Create<string, object?>("state", runs.Key.State.ToString())
                    )),
            ]
        );

    private async Task WriteAsync()
    {
        Count();
        _changed.Set();
        await (_write ??= new SharedWrite(() => state.WriteStateAsync())).RunAsync();
    }

    [LoggerMessage(
        1020,
        LogLevel.Warning,
        "Every silo of the cluster was lost. {Count} unfinished runs are interrupted and wait to be resumed."
    )]
    private partial void LogNewIncarnation(int count);

    [LoggerMessage(1021, LogLevel.Debug, "Run '{Run}' did not answer; it is asked again.")]
    private partial void LogNotWoken(string run, Exception error);
}
