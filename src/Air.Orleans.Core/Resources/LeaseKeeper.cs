using System.Collections.Concurrent;
using Air.Orleans.Core.Resilience;
using Air.Orleans.Core.Resources.Control;
using Air.Orleans.Core.Resources.Grains;
using Microsoft.Extensions.Logging;

namespace Air.Orleans.Core.Resources;

/// <summary>
/// Holds the leases of this process: asks for them, tells the ledger every two seconds that the process is alive, hears what has become of
/// them, and gives them back, again and again until the ledger has heard it. Thread-safe.
/// </summary>
internal sealed partial class LeaseKeeper(
    IGrainFactory grains,
    HolderName holder,
    IGrainContextAccessor callers,
    TimeProvider time,
    ILogger<LeaseKeeper> logger
) : IDisposable
{
    /// <summary>How long after the end of a grain that did not release them its leases are kept, as it may be activated again.</summary>
    private static readonly TimeSpan AbandonAfter = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan BeatInterval = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan FirstPatience = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LeavePatience = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan ReleaseAgain = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<string, PlacementGroup> _groups = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _stopping = new();
    private int _isBeating;

    private IResourceLedgerGrain Ledger => grains.GetGrain<IResourceLedgerGrain>(0);

    /// <summary>Reserves the group, however long its timeout allows, and tells meanwhile why it waits.</summary>
    /// <exception cref="ResourceException">No present silo could ever serve it, or not in time.</exception>
    public async Task<PlacementGroup> AcquireAsync(
        PlacementRequest request,
        Action<string>? waiting,
        CancellationToken cancellationToken
    )
    {
        var deadline = request.Timeout is { } timeout ? time.GetUtcNow() + timeout : DateTimeOffset.MaxValue;
        var patience = FirstPatience;
        try
        {
            while (true)
            {
                var left = deadline - time.GetUtcNow();
                var asked = left < patience ? TimeSpan.FromTicks(Math.Max(0, left.Ticks)) : patience;
                var answer = await GrainCalls.RetryAsync(
                    () => Ledger.AcquireAsync(request, holder.Value, asked),
                    cancellationToken
                );
                switch (answer)
                {
                    case LeaseGranted granted:
                        return Keep(request, granted);
                    case LeaseRefused refused:
                        throw new ResourceException(refused.Reason);
                    case LeasePending pending when time.GetUtcNow() >= deadline:
                        throw new ResourceException(
                            $"'{request.Id}' was not granted within {request.Timeout!.Value.TotalSeconds:0.#} s: it {pending.Reason}"
                        );
                    case LeasePending pending:
                        waiting?.Invoke(pending.Reason);
                        patience = Patience;
                        break;
                }
            }
        }
        catch (Exception error) when (error is not ResourceException || request.Timeout is not null)
        {
            ReleaseInBackground(request.Id, null, holder.Value);
            throw;
        }
    }

    /// <summary>Asks once, without waiting, for a lease that a silo is to hold.</summary>
    public async Task<LeaseAnswer> AskAsync(PlacementRequest request) =>
        await GrainCalls.RetryAsync(() => Ledger.AcquireAsync(request, holder.Value, TimeSpan.Zero));

    public async Task ReleaseAsync(PlacementGroup group)
    {
        if (_groups.TryRemove(KeyValuePair.Create(group.Id, group)))
        {
            await ReleaseAsync(group.Id, group.Stamp, null);
        }
    }

    /// <summary>Gives back; where the ledger cannot be reached, that goes on in the background and this ends.</summary>
    public async Task ReleaseAsync(string id, Guid? stamp, string? ofHolder)
    {
        try
        {
            await Ledger.ReleaseAsync(id, stamp, ofHolder);
        }
        catch (Exception error) when (GrainCalls.IsTransient(error))
        {
            ReleaseInBackground(id, stamp, ofHolder);
        }
    }

    /// <summary>Tells the ledger that a silo stops. Where it does not hear that, the membership tells it a little later.</summary>
    public async Task LeaveAsync(SiloAddress silo)
    {
        try
        {
            await Ledger.LeaveAsync(silo).WaitAsync(LeavePatience, time);
        }
        catch (Exception error) when (GrainCalls.IsTransient(error))
        {
            LogLedgerSilent(error);
        }
    }

    /// <summary>Gives back, again and again until it succeeds.</summary>
    public void ReleaseInBackground(string id, Guid? stamp, string? ofHolder)
    {
        InBackground(async () =>
        {
            while (!_stopping.IsCancellationRequested)
            {
                try
                {
                    await Ledger.ReleaseAsync(id, stamp, ofHolder);
                    return;
                }
                catch (Exception error) when (GrainCalls.IsTransient(error))
                {
                    LogLedgerSilent(error);
                    await Task.Delay(ReleaseAgain, time, _stopping.Token);
                }
            }
        });
    }

    public void Dispose()
    {
        _stopping.Cancel();
        _stopping.Dispose();
    }

    private PlacementGroup Keep(PlacementRequest request, LeaseGranted granted)
    {
        var group = _groups.AddOrUpdate(
            request.Id,
            _ => new PlacementGroup(this, request, granted),
            (_, known) => known.Stamp == granted.Stamp ? known : new PlacementGroup(this, request, granted)
        );
        Begin();
        if (holder.IsSilo && callers.GrainContext is { GrainInstance: not null } grain)
        {
            group.Owner = grain;
            InBackground(async () =>
            {
                await grain.Deactivated.WaitAsync(_stopping.Token);
                await Task.Delay(AbandonAfter, time, _stopping.Token);
                if (group.Owner == grain && _groups.TryRemove(KeyValuePair.Create(group.Id, group)))
                {
                    ReleaseInBackground(group.Id, group.Stamp, holder.Value);
                }
            });
        }

        return group;
    }

    private void Begin()
    {
        if (Interlocked.Exchange(ref _isBeating, 1) == 0)
        {
            InBackground(BeatAsync);
        }
    }

    /// <summary>Starts what must not run in the caller's grain.</summary>
    private void InBackground(Func<Task> work)
    {
        if (_stopping.IsCancellationRequested)
        {
            return;
        }

        Background.Start(async () =>
        {
            try
            {
                await work();
            }
            catch (Exception error) when (error is OperationCanceledException or ObjectDisposedException)
            {
                // The process ends; the ledger notices.
            }
            catch (Exception error)
            {
                LogFailed(error);
            }
        });
    }

    private async Task BeatAsync()
    {
        var ballot = default(Ballot);
        long news = 0;
        var tellAll = false;
        using var timer = new PeriodicTimer(BeatInterval, time);
        do
        {
            if (_groups.IsEmpty)
            {
                continue;
            }

            try
            {
                HeldLease[]? held = tellAll
                    ? [.. _groups.Values.Select(static group => new HeldLease(group.Id, group.Stamp))]
                    : null;
                var reply = await Ledger.BeatAsync(new Beat(holder.Value, ballot, news, held));
                (ballot, news) = (reply.Ballot, reply.News);
                tellAll = reply.TellAll;
                foreach (var lease in reply.Leases)
                {
                    Hear(lease);
                }
            }
            catch (Exception error) when (GrainCalls.IsTransient(error))
            {
                LogLedgerSilent(error);
            }
        } while (await timer.WaitForNextTickAsync(_stopping.Token));
    }

    private void Hear(LeaseNews news)
    {
        if (!_groups.TryGetValue(news.Lease.Id, out var group) || group.Stamp != news.Lease.Stamp)
        {
            return;
        }

        if (news.Bundles is not null)
        {
            group.Update(news.Bundles);
        }

        if (news.Bundles is null && group.Request.OnLoss == PlacementLoss.Replace)
        {
            // Nothing of it is left anywhere: the whole group is reserved again under its name.
            _groups.TryRemove(KeyValuePair.Create(group.Id, group));
            InBackground(() => ReplaceAsync(group));
        }
        else if (news.Lost)
        {
            group.Lose();
        }
    }

    private async Task ReplaceAsync(PlacementGroup group)
    {
        while (true)
        {
            try
            {
                var answer = await GrainCalls.RetryAsync(() =>
                    Ledger.AcquireAsync(group.Request with { WaitForCapacity = true }, holder.Value, Patience)
                );
                if (answer is LeaseGranted granted)
                {
                    group.Adopt(granted);
                    if (group.IsReleased || !_groups.TryAdd(group.Id, group))
                    {
                        ReleaseInBackground(group.Id, granted.Stamp, holder.Value);
                    }

                    return;
                }

                if (group.IsReleased)
                {
                    ReleaseInBackground(group.Id, null, holder.Value);
                    return;
                }
            }
            catch (Exception error) when (GrainCalls.IsTransient(error))
            {
                LogLedgerSilent(error);
            }
        }
    }

    [LoggerMessage(1020, LogLevel.Debug, "The resource ledger did not answer; it is asked again.")]
    private partial void LogLedgerSilent(Exception error);

    [LoggerMessage(1021, LogLevel.Error, "The leases of this process cannot be kept.")]
    private partial void LogFailed(Exception error);
}
