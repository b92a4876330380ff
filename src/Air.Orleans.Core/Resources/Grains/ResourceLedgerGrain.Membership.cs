using Air.Orleans.Core.Resilience;
using Air.Orleans.Core.Resources.Control;

namespace Air.Orleans.Core.Resources.Grains;

/// <content>Which silos obey this ledger, and which holders are alive.</content>
internal sealed partial class ResourceLedgerGrain
{
    private async Task TickAsync()
    {
        if (_isStale)
        {
            return;
        }

        await FollowMembershipAsync();
        var now = Now;
        if (now - _lastTick > HolderTimeout / 2)
        {
            // This silo did not run, so that nobody could be heard.
            foreach (var holder in _holders.Keys.ToList())
            {
                _holders[holder] = now;
            }
        }

        _lastTick = now;
        await EndSilentAsync(now);
        _ledger.Age(now);
        if (++_ticks % 5 == 0)
        {
            foreach (var link in _links.Values.Where(static link => !link.IsSending).ToList())
            {
                // Says that this ledger is still the one, or learns that it is not.
                _ = link.Add(new OutgoingChange(new StrikeChange(Guid.Empty, 0), null, 0));
                _ = FlushAsync(link);
            }
        }

        await DecideSoonAsync();
    }

    /// <summary>Releases what belongs to nobody any more.</summary>
    private async Task EndSilentAsync(DateTimeOffset now)
    {
        var active = (await management.ActiveSilosAsync()).Select(HolderName.Of).ToHashSet();
        foreach (var entry in _ledger.Entries.Values.ToList())
        {
            if (active.Contains(entry.Holder))
            {
                _holders[entry.Holder] = now;
            }
            else
            {
                _holders.TryAdd(entry.Holder, now);
            }

            var isSilent = now - _holders[entry.Holder] > HolderTimeout;
            var isForgotten = !entry.Granted && now - entry.LastAsked > ForgottenRequest;
            if (isSilent || isForgotten)
            {
                LogEnded(entry.Request.Id, entry.Holder);
                _ledger.Release(entry.Request.Id, entry.Stamp);
                Signal(entry);
            }
        }

        foreach (var (holder, seen) in _holders.ToList())
        {
            if (now - seen > HolderTimeout)
            {
                _holders.Remove(holder);
            }
        }
    }

    private async Task FollowMembershipAsync()
    {
        // What stands on a silo that leaves is moved, and so must be known whole first.
        var present = IsLearning ? [.. await management.ActiveSilosAsync()] : await StayingSilosAsync();
        foreach (var lost in _ledger.Silos.Keys.Concat(_unadopted.Keys).Where(silo => !present.Contains(silo)).ToList())
        {
            _unadopted.Remove(lost);
            if (_links.Remove(lost, out var link))
            {
                link.TakeMessage().Written.TrySetResult();
            }

            foreach (var entry in _ledger.Forget(lost, Now))
            {
                entry.News = ++_news;
                Signal(entry);
            }

            _ = DecideSoonAsync();
        }

        await AdoptSilosAsync();
    }

    /// <summary>Whether silos may yet tell what stands on them; nothing is decided meanwhile.</summary>
    private bool IsLearning => _unadopted.Values.Any(since => Now - since < AdoptionGrace);

    /// <summary>The active silos without those that have said that they stop.</summary>
    private async ValueTask<HashSet<SiloAddress>> StayingSilosAsync()
    {
        var active = (await management.ActiveSilosAsync()).ToHashSet();
        _leaving.IntersectWith(active);
        active.ExceptWith(_leaving);
        return active;
    }

    /// <summary>Has all silos obey this ledger. Where a clock that runs ahead has given the last ledger its number, it takes a greater one.</summary>
    private async Task OutbidAsync()
    {
        do
        {
            if (_outbid > 0)
            {
                _ballot = new Ballot(_outbid + 1, _ballot.Id);
                _outbid = 0;
                _ledger = new ResourceLedger<SiloAddress>();
                _links.Clear();
                _unadopted.Clear();
            }

            await AdoptSilosAsync();
            await AdoptedAsync();
        } while (_outbid > 0);

        _isActivating = false;
        foreach (var link in _links.Values)
        {
            _ = FlushAsync(link);
        }
    }

    private async Task AdoptSilosAsync()
    {
        foreach (var silo in await StayingSilosAsync())
        {
            if (!_ledger.Silos.ContainsKey(silo) && !_adopting.ContainsKey(silo))
            {
                _unadopted.TryAdd(silo, Now);
                _adopting[silo] = Task.CompletedTask;
                _adopting[silo] = AdoptAsync(silo);
            }
        }
    }

    /// <summary>Waits for the silos that are being asked, but not for one that hangs.</summary>
    private Task<Task> AdoptedAsync() =>
        Task.WhenAny(Task.WhenAll(_adopting.Values.ToList()), Task.Delay(AdoptionGrace, time));

    private async Task AdoptAsync(SiloAddress silo)
    {
        await Task.Yield();
        try
        {
            while (!_isStale && _unadopted.TryGetValue(silo, out var since))
            {
                try
                {
                    var report = await silos.Of(silo).AdoptAsync(_ballot);
                    if (report.Ballot == _ballot)
                    {
                        Adopt(silo, report);
                    }
                    else
                    {
                        Yield(report.Ballot);
                    }

                    return;
                }
                catch (Exception error) when (GrainCalls.IsTransient(error))
                {
                    if (Now - since > AdoptionGrace || !(await StayingSilosAsync()).Contains(silo))
                    {
                        // It is lost, or it hangs: the next turn tries again, and nobody waits for it meanwhile.
                        return;
                    }

                    await Task.Delay(SendAgain, time);
                }
            }
        }
        finally
        {
            _adopting.Remove(silo);
        }
    }

    private void Adopt(SiloAddress silo, SiloReport report)
    {
        if (!_unadopted.Remove(silo))
        {
            return;
        }

        var link = new SiloLink(silo);
        _links[silo] = link;
        _ledger.Adopt(silo, report.Offer);
        foreach (var booking in report.Bookings)
        {
            var known = _ledger.Recover(
                silo,
                booking.Request,
                booking.Holder,
                booking.Stamp,
                booking.Since,
                booking.Bundle,
                booking.Devices,
                Now
            );
            if (!known)
            {
                _ = link.Add(new OutgoingChange(new StrikeChange(booking.Stamp, booking.Bundle), null, 0));
            }
        }

        if (report.IsLeaving)
        {
            _leaving.Add(silo);
        }

        if (!_isActivating)
        {
            _ = FlushAsync(link);
            _ = DecideSoonAsync();
            foreach (var entry in _waiters.Keys.ToList())
            {
                Signal(entry);
            }
        }
    }

    /// <summary>A newer ledger is there: this one ends, and whoever waits asks that one.</summary>
    private void Yield(Ballot newer)
    {
        if (_isActivating)
        {
            _outbid = Math.Max(_outbid, newer.Number);
        }
        else if (!_isStale)
        {
            _isStale = true;
            LogYields(newer.Number);
            foreach (var entry in _waiters.Keys.ToList())
            {
                Signal(entry);
            }

            DeactivateOnIdle();
        }
    }
}
