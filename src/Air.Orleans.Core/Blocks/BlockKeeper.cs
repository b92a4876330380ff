using System.Collections.Concurrent;
using Air.Orleans.Core.Blocks.Arena;
using Air.Orleans.Core.Placement;
using Air.Orleans.Core.Resilience;
using Air.Orleans.Core.Resources;
using Microsoft.Extensions.Logging;

namespace Air.Orleans.Core.Blocks;

/// <summary>
/// The blocks that this process holds, and on which silos: tells those every two seconds that it lives, so that they keep the blocks, and gives back what
/// it needs no longer. Thread-safe.
/// </summary>
internal sealed partial class BlockKeeper(
    BlockHomes homes,
    SegmentReader segments,
    HolderName holder,
    TimeProvider time,
    ILogger<BlockKeeper> logger
) : IDisposable
{
    private static readonly TimeSpan BeatInterval = TimeSpan.FromSeconds(2);

    private readonly Lock _gate = new();
    private readonly Dictionary<Guid, Held> _held = [];
    private readonly Dictionary<(Guid Id, string Silo), bool> _untold = [];
    private readonly CancellationTokenSource _stopping = new();
    private readonly ConcurrentDictionary<string, Task> _beats = new();
    private bool _isBeating;

    /// <summary>The name under which this process holds blocks.</summary>
    public string Holder => holder.Value;

    /// <summary>Notes that a silo keeps the block for this process, once more.</summary>
    public void Keep(Guid id, string silo, bool isOneMore = true)
    {
        lock (_gate)
        {
            if (!_held.TryGetValue(id, out var held))
            {
                _held.Add(id, held = new Held());
            }

            held.Silos.Add(silo);
            held.Count += isOneMore ? 1 : 0;
            StartBeating();
        }
    }

    /// <summary>Notes that the block is about to be held anew: silos that were not told yet that it is needed no more are not told.</summary>
    public void Recall(Guid id)
    {
        lock (_gate)
        {
            foreach (var untold in _untold.Keys.Where(untold => untold.Id == id).ToList())
            {
                _untold.Remove(untold);
            }
        }
    }

    /// <summary>Notes that the block is needed once less, or no more at all, and gives the silos that are to be told that it is needed no more.</summary>
    public IReadOnlyCollection<string> Drop(Guid id, bool all)
    {
        lock (_gate)
        {
            if (!_held.TryGetValue(id, out var held) || (--held.Count > 0 && !all))
            {
                return [];
            }

            _held.Remove(id);
            foreach (var silo in held.Silos)
            {
                _untold[(id, silo)] = false;
            }

            return held.Silos;
        }
    }

    /// <summary>
    /// Tells silos that this process does not hold the block any more. One that cannot be told now is told every two seconds until it is, or
    /// is lost, so that no silo keeps the block for ever.
    /// </summary>
    /// <remarks>
    /// <c>evenIfHeld</c>: Whether they are to free it whoever holds it.
    /// </remarks>
    public async Task ReleaseAsync(
        Guid id,
        IEnumerable<string> silos,
        CancellationToken cancellationToken,
        bool evenIfHeld = false
    )
    {
        var all = silos.ToList();
        lock (_gate)
        {
            foreach (var silo in all)
            {
                _untold[(id, silo)] = evenIfHeld;
            }

            StartBeating();
        }

        await Task.WhenAll(all.Select(silo => TellAsync(id, silo, cancellationToken)));
    }

    public void Dispose()
    {
        _stopping.Cancel();
        _stopping.Dispose();
    }

    /// <summary>Under the lock.</summary>
    private void StartBeating()
    {
        if (!_isBeating)
        {
            _isBeating = true;
            _ = Background.Start(BeatAsync);
        }
    }

    private async Task TellAsync(Guid id, string silo, CancellationToken cancellationToken)
    {
        try
        {
            await TellAtOnceAsync(id, silo, cancellationToken);
        }
        catch (SiloGoneException)
        {
            ForgetSilo(silo);
        }
        catch (Exception error) when (GrainCalls.IsTransient(error))
        {
            LogSilent(silo, error);
        }
    }

    private async Task TellAtOnceAsync(Guid id, string silo, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        bool evenIfHeld;
        lock (_gate)
        {
            if (!_untold.TryGetValue((id, silo), out evenIfHeld))
            {
                return;
            }
        }

        var store = homes[silo];
        await (evenIfHeld ? store.FreeAsync(id) : store.ReleaseAsync(id, Holder)).WaitAsync(cancellationToken);
        lock (_gate)
        {
            _untold.Remove((id, silo));
        }
    }

    /// <summary>The silo drains: another keeps the block now, or is told that it need not; the one that drains is told that it may let go.</summary>
    private void KeepElsewhere(BlockMove move, string silo)
    {
        lock (_gate)
        {
            if (_held.TryGetValue(move.Block, out var held) && held.Silos.Remove(silo))
            {
                held.Silos.Add(move.Silo);
            }
            else if (_untold.ContainsKey((move.Block, silo)))
            {
                _untold[(move.Block, move.Silo)] = false;
            }
            else
            {
                // It is just being put: with the next beat it is told again.
                return;
            }

            _untold[(move.Block, silo)] = false;
        }
    }

    private void ForgetSilo(string silo)
    {
        homes.Forget(silo);
        _beats.TryRemove(silo, out _);
        lock (_gate)
        {
            foreach (var held in _held.Values)
            {
                held.Silos.Remove(silo);
            }

            foreach (var untold in _untold.Keys.Where(untold => untold.Silo == silo).ToList())
            {
                _untold.Remove(untold);
            }
        }
    }

    private async Task BeatAsync()
    {
        try
        {
            using var timer = new PeriodicTimer(BeatInterval, time);
            var stopping = _stopping.Token;
            while (await timer.WaitForNextTickAsync(stopping))
            {
                // Each for itself: a silo that hangs must not keep the others from hearing.
                foreach (
                    var silo in Silos().Where(silo => _beats.GetValueOrDefault(silo) is not { IsCompleted: false })
                )
                {
                    _beats[silo] = BeatAsync(silo, stopping);
                }

                segments.Tidy();
            }
        }
        catch (Exception error) when (error is OperationCanceledException or ObjectDisposedException)
        {
            // The process ends; the silos notice.
        }
    }

    private async Task BeatAsync(string silo, CancellationToken stopping)
    {
        try
        {
            foreach (var move in await homes[silo].BeatAsync(Holder).WaitAsync(stopping))
            {
                KeepElsewhere(move, silo);
            }

            foreach (var id in UntoldOf(silo))
            {
                await TellAtOnceAsync(id, silo, stopping);
            }
        }
        catch (SiloGoneException)
        {
            ForgetSilo(silo);
        }
        catch (OperationCanceledException)
        {
            // The process ends.
        }
        catch (Exception error)
        {
            LogSilent(silo, error);
        }
    }

    private string[] Silos()
    {
        lock (_gate)
        {
            return
            [
                .. _held
                    .Values.SelectMany(static held => held.Silos)
                    .Concat(_untold.Keys.Select(static untold => untold.Silo))
                    .Distinct(),
            ];
        }
    }

    private List<Guid> UntoldOf(string silo)
    {
        lock (_gate)
        {
            return [.. _untold.Keys.Where(untold => untold.Silo == silo).Select(static untold => untold.Id)];
        }
    }

    [LoggerMessage(
        1032,
        LogLevel.Debug,
        "Silo {Silo} did not hear that this process lives, or needs a block no longer; it is told again."
    )]
    private partial void LogSilent(string silo, Exception error);

    private sealed class Held
    {
        public HashSet<string> Silos { get; } = [];

        public int Count { get; set; }
    }
}
