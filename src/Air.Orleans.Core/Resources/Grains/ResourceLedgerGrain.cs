using System.Diagnostics.Metrics;
using Air.Orleans.Core.Diagnostics;
using Air.Orleans.Core.Resources.Control;
using Microsoft.Extensions.Logging;
using Orleans.Concurrency;

namespace Air.Orleans.Core.Resources.Grains;

/// <inheritdoc cref="IResourceLedgerGrain"/>
[GrainType("air.core.ledger"), Reentrant, KeepAlive]
internal sealed partial class ResourceLedgerGrain(
    IManagementView management,
    IClusterMembershipService membership,
    ResourceSiloClient silos,
    TimeProvider time,
    ILogger<ResourceLedgerGrain> logger
) : Grain, IResourceLedgerGrain
{
    /// <summary>After so long without a sign of life a holder loses its leases.</summary>
    public static readonly TimeSpan HolderTimeout = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan TickInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPatience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan ForgottenRequest = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan AdoptionGrace = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan SendAgain = TimeSpan.FromMilliseconds(200);

    private ResourceLedger<SiloAddress> _ledger = new();
    private readonly Dictionary<SiloAddress, SiloLink> _links = [];
    private readonly Dictionary<SiloAddress, DateTimeOffset> _unadopted = [];
    private readonly Dictionary<SiloAddress, Task> _adopting = [];
    private readonly HashSet<SiloAddress> _leaving = [];
    private readonly Dictionary<string, DateTimeOffset> _holders = new(StringComparer.Ordinal);
    private readonly Dictionary<LedgerEntry<SiloAddress>, TaskCompletionSource> _waiters = [];
    private Ballot _ballot;
    private Task? _deciding;
    private DateTimeOffset _lastTick;
    private long _news;
    private int _ticks;
    private bool _isStale;
    private bool _isActivating = true;
    private long _outbid;
    private Meter? _gauges;
    private int _waiting;

    private DateTimeOffset Now => time.GetUtcNow();

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _ballot = new Ballot(Now.UtcTicks, Guid.NewGuid());
        _lastTick = Now;
        await membership.Refresh(cancellationToken: CancellationToken.None);
        await OutbidAsync();
        _gauges = CoreMeter.NewMeter();
        _gauges.CreateObservableUpDownCounter(
            "air.core.leases.waiting",
            () => Volatile.Read(ref _waiting),
            "{request}",
            "Requests that wait for resources; told by the silo that carries the ledger."
        );
        this.RegisterGrainTimer(
            static (self, _) => self.TickAsync(),
            this,
            new GrainTimerCreationOptions(TickInterval, TickInterval) { Interleave = true }
        );
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        _gauges?.Dispose();
        return Task.CompletedTask;
    }

    public async Task<LeaseAnswer> AcquireAsync(PlacementRequest request, string holder, TimeSpan patience)
    {
        if (request.Fault() is { } fault)
        {
            return new LeaseRefused(fault);
        }

        _holders[holder] = Now;
        var before = _ledger.Entries.GetValueOrDefault(request.Id)?.Holder;
        var entry = _ledger.Ask(request, holder, Now);
        if (before is not null && before != entry.Holder)
        {
            TellHolder(entry);
        }

        var isNew = entry.Waits && !entry.Granted;
        var deadline = Now + (patience < LongestPatience ? patience : LongestPatience);
        while (true)
        {
            await DecideSoonAsync();
            if (await AnswerAsync(entry) is { } answer)
            {
                if (isNew && answer is LeaseGranted)
                {
                    CoreMeter.Granted(Now - entry.Since);
                }

                return answer;
            }

            var isBeingWritten = entry.Unconfirmed.Count > 0;
            var left = (isBeingWritten ? Now + LongestPatience : deadline) - Now;
            if (left <= TimeSpan.Zero || !await ChangesWithinAsync(entry, left))
            {
                return await AnswerAsync(entry) ?? new LeasePending(WhyPending(entry));
            }
        }
    }

    public async Task ReleaseAsync(string id, Guid? stamp, string? holder)
    {
        ThrowIfStale();
        if (
            _ledger.Entries.TryGetValue(id, out var entry)
            && (holder is null || entry.Holder == holder)
            && _ledger.Release(id, stamp)
        )
        {
            Signal(entry);
            var written = Dispatch();
            _ = DecideSoonAsync();
            await written;
        }
    }

    public async Task<BeatReply> BeatAsync(Beat beat)
    {
        ThrowIfStale();
        var isNew = _holders.TryAdd(beat.Holder, Now);
        _holders[beat.Holder] = Now;
        var tellAll = (isNew || beat.Ballot != _ballot) && beat.Held is null;
        var news = new List<LeaseNews>();
        foreach (var held in beat.Held ?? [])
        {
            if (_ledger.Entries.TryGetValue(held.Id, out var entry) && entry.Stamp == held.Stamp)
            {
                entry.Holder = beat.Holder;
                if (entry.IsTorn && _unadopted.Count > 0)
                {
                    // The silo on which the rest stands may not have told yet.
                    entry.LastAsked = Now;
                    tellAll = true;
                }
                else if (entry.IsTorn)
                {
                    _ledger.LoseRest(entry, Now);
                    entry.News = ++_news;
                }
            }
            else if (_unadopted.Count > 0)
            {
                // The silo on which it stands may not have told yet.
                tellAll = true;
            }
            else
            {
                news.Add(new LeaseNews(held, null, Lost: true));
            }
        }

        if (beat.Held is not null || beat.News < _news)
        {
            // Where all was told, all is answered: what a ledger before this one decided last its holders may not have heard.
            news.AddRange(
                _ledger
                    .Entries.Values.Where(entry =>
                        entry.Holder == beat.Holder
                        && !entry.IsTorn
                        && (beat.Held is not null || entry.News > beat.News)
                    )
                    .Select(static entry => new LeaseNews(
                        new HeldLease(entry.Request.Id, entry.Stamp),
                        [.. entry.Standing.Select(Leased)],
                        entry.Lost
                    ))
            );
        }

        // What is decided from here on, the next beat hears.
        var told = _news;
        await DecideSoonAsync();
        return new BeatReply(tellAll ? default : _ballot, told, tellAll, [.. news]);
    }

    public async Task DeclareAsync(SiloAddress silo, ResourceSet resources)
    {
        ThrowIfStale();
        if (!_ledger.Silos.TryGetValue(silo, out var book))
        {
            throw new ResourceException(
                $"There is no silo {silo} to declare resources on; DescribeAsync lists the silos."
            );
        }

        var offer = book.Offer with { Resources = resources };
        _ledger.Declare(silo, offer);
        var written = _links[silo].Add(new OutgoingChange(new DeclareChange(offer), null, 0));
        _ = FlushAsync(_links[silo]);
        await written;
        await DecideSoonAsync();
    }

    public Task LeaveAsync(SiloAddress silo)
    {
        ThrowIfStale();
        _leaving.Add(silo);
        return FollowMembershipAsync();
    }

    public async Task<ResourceReport> DescribeAsync()
    {
        await membership.Refresh(cancellationToken: CancellationToken.None);
        await FollowMembershipAsync();
        await AdoptedAsync();
        ThrowIfStale();
        return new ResourceReport(
            [
                .. _ledger.Silos.Select(static pair => new SiloResources(
                    pair.Key,
                    pair.Value.Offer.Resources,
                    pair.Value.Free,
                    pair.Value.Offer.Accelerators,
                    pair.Value.Offer.Labels
                )),
            ],
            [.. _ledger.Entries.Values.Where(static entry => !entry.Waits || entry.Granted).Select(Describe)],
            [
                .. _ledger.Queue.Select(
                    (entry, i) =>
                        new PendingDescription(
                            entry.Request.Id,
                            entry.Request.Purpose,
                            WhyPending(entry),
                            i,
                            entry.Since
                        )
                ),
            ]
        );
    }

    private static LeaseDescription Describe(LedgerEntry<SiloAddress> entry) =>
        new(
            entry.Request.Id,
            entry.Request.Purpose,
            entry.Holder,
            [
                .. entry.Standing.Select(
                    (bundle, i) =>
                        new BundleDescription(
                            entry.Request.Bundles[i].Resources,
                            bundle?.Silo,
                            bundle is null ? [] : bundle.Devices
                        )
                ),
            ],
            entry.Since
        );

    private static LeasedBundle? Leased(StandingBundle<SiloAddress>? bundle) =>
        bundle is null ? null : new LeasedBundle(bundle.Silo, bundle.Devices);

    /// <summary>What can be said for good; null while the request waits.</summary>
    private async Task<LeaseAnswer?> AnswerAsync(LedgerEntry<SiloAddress> entry)
    {
        ThrowIfStale();
        var id = entry.Request.Id;
        if (_ledger.Entries.GetValueOrDefault(id) != entry)
        {
            return new LeaseRefused($"Group '{id}' was released while it was being asked for.");
        }

        if (entry.Lost)
        {
            return new LeaseRefused($"Group '{id}' has lost bundles with their silo. Release it, and ask anew.");
        }

        if (entry is { Granted: true, IsWhole: true })
        {
            return new LeaseGranted(entry.Stamp, [.. entry.Standing.Select(static bundle => Leased(bundle)!)]);
        }

        if (!entry.Waits || entry.Granted)
        {
            return null;
        }

        if (!entry.Request.WaitForCapacity && _unadopted.Count == 0 && !_ledger.IsPossible(entry))
        {
            // A silo may be there of which this one has not heard yet.
            await membership.Refresh(cancellationToken: CancellationToken.None);
            await FollowMembershipAsync();
            if (_unadopted.Count == 0 && entry.Waits && !_ledger.IsPossible(entry))
            {
                return Refuse(
                    entry,
                    "No present silo could ever serve it: ask for less, add a larger silo, or set WaitForCapacity."
                );
            }
        }

        return entry.Request.NoWait && entry.Waits
            ? Refuse(entry, "It was not to wait; ask again when something was given back.")
            : null;
    }

    private LeaseRefused Refuse(LedgerEntry<SiloAddress> entry, string advice)
    {
        var reason = $"'{entry.Request.Id}' {_ledger.Explain(entry)} {advice}";
        _ledger.Release(entry.Request.Id, entry.Stamp);
        Signal(entry);
        _ = DecideSoonAsync();
        return new LeaseRefused(reason);
    }

    private string WhyPending(LedgerEntry<SiloAddress> entry) =>
        entry.Unconfirmed.Count > 0
            ? "is being written down by " + string.Join(", ", entry.Unconfirmed.Select(i => entry.Standing[i]?.Silo))
        : _unadopted.Count > 0 ? $"waits for silo {_unadopted.Keys.First()} to tell its resources"
        : _ledger.Explain(entry);

    /// <summary>Whether something changed for the entry in that time.</summary>
    private async Task<bool> ChangesWithinAsync(LedgerEntry<SiloAddress> entry, TimeSpan patience)
    {
        if (!_waiters.TryGetValue(entry, out var waiter))
        {
            waiter = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiters.Add(entry, waiter);
        }

        using var limit = new CancellationTokenSource();
        var first = await Task.WhenAny(waiter.Task, Task.Delay(patience, time, limit.Token));
        await limit.CancelAsync();
        return first == waiter.Task;
    }

    private void Signal(LedgerEntry<SiloAddress> entry)
    {
        if (_waiters.Remove(entry, out var waiter))
        {
            waiter.TrySetResult();
        }
    }

    /// <summary>Decides once for all calls that are in the mailbox now.</summary>
    private Task DecideSoonAsync()
    {
        return _deciding ??= DecideAsync();

        async Task DecideAsync()
        {
            await Task.Yield();
            _deciding = null;
            if (!_isStale && !IsLearning)
            {
                if (_leaving.Count > 0)
                {
                    await FollowMembershipAsync();
                }

                _ledger.Decide();
                Volatile.Write(ref _waiting, _ledger.Queue.Count);
            }

            _ = Dispatch();
        }
    }

    private void ThrowIfStale()
    {
        if (_isStale)
        {
            throw new SiloUnavailableException("Another ledger has taken over from this one; ask again.");
        }
    }

    [LoggerMessage(1010, LogLevel.Warning, "The ledger cannot reach silo {Silo}.")]
    private partial void LogSendFailed(SiloAddress silo, Exception error);

    [LoggerMessage(1011, LogLevel.Warning, "Silo {Silo} has refused a bundle of group '{Group}'; it is placed again.")]
    private partial void LogRefused(SiloAddress silo, string group);

    [LoggerMessage(1012, LogLevel.Information, "Group '{Group}' is given back: its holder {Holder} is silent.")]
    private partial void LogEnded(string group, string holder);

    [LoggerMessage(1013, LogLevel.Information, "A newer ledger, {Ballot}, has taken over; this one ends.")]
    private partial void LogYields(long ballot);
}
