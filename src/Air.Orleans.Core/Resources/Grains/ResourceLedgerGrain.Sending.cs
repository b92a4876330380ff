using Air.Orleans.Core.Resilience;
using Air.Orleans.Core.Resources.Control;

namespace Air.Orleans.Core.Resources.Grains;

/// <content>How decisions reach the silos.</content>
internal sealed partial class ResourceLedgerGrain
{
    /// <summary>Hands what was decided to the silos; the task ends when all have written it down.</summary>
    private Task Dispatch()
    {
        var changes = _ledger.TakeChanges();
        if (changes.Count == 0)
        {
            return Task.CompletedTask;
        }

        var written = new HashSet<Task>();
        foreach (var change in changes)
        {
            if (!_links.TryGetValue(change.Silo, out var link))
            {
                continue;
            }

            if (change.Stands is { } stands)
            {
                var entry = change.Entry;
                if (entry.Granted)
                {
                    entry.News = ++_news;
                }

                entry.Holder = entry.Request.HeldBySilo ? HolderName.Of(change.Silo) : entry.Holder;
                written.Add(link.Add(Outgoing(entry, change.Bundle, stands)));
            }
            else
            {
                var strike = new StrikeChange(change.Entry.Stamp, change.Bundle);
                written.Add(link.Add(new OutgoingChange(strike, null, change.Bundle)));
            }
        }

        foreach (
            var link in _links.Values.Where(static link => link is { HasChanges: true, IsSending: false }).ToList()
        )
        {
            _ = FlushAsync(link);
        }

        return Task.WhenAll(written);
    }

    private static OutgoingChange Outgoing(
        LedgerEntry<SiloAddress> entry,
        int bundle,
        StandingBundle<SiloAddress> stands
    ) =>
        new(
            new BookChange(new Booking(entry.Request, entry.Stamp, entry.Holder, entry.Since, bundle, stands.Devices)),
            entry,
            bundle
        );

    /// <summary>The silos on which it stands write down who holds it now.</summary>
    private void TellHolder(LedgerEntry<SiloAddress> entry)
    {
        for (var i = 0; i < entry.Standing.Length; i++)
        {
            if (entry.Standing[i] is { } stands && _links.TryGetValue(stands.Silo, out var link))
            {
                _ = link.Add(Outgoing(entry, i, stands));
                _ = FlushAsync(link);
            }
        }
    }

    private async Task FlushAsync(SiloLink link)
    {
        if (link.IsSending)
        {
            return;
        }

        link.IsSending = true;
        try
        {
            while (link.HasChanges && !_isStale)
            {
                var (changes, written) = link.TakeMessage();
                try
                {
                    if (await SendAsync(link, changes) is { } answer)
                    {
                        Read(link, changes, answer);
                    }
                }
                finally
                {
                    written.TrySetResult();
                }
            }
        }
        catch (Exception error)
        {
            LogSendFailed(link.Silo, error);
        }
        finally
        {
            link.IsSending = false;
        }
    }

    /// <summary>The silo's answer; null where it is lost, or does not obey this ledger any more.</summary>
    private async Task<SiloAnswer?> SendAsync(SiloLink link, List<OutgoingChange> changes)
    {
        SiloChange[] message = [.. changes.Select(static change => change.Change)];
        var sequence = link.Sequence;
        while (!_isStale && _links.GetValueOrDefault(link.Silo) == link)
        {
            try
            {
                var answer = await silos.Of(link.Silo).ApplyAsync(_ballot, sequence, message);
                if (answer.Ballot == _ballot)
                {
                    return answer;
                }

                Yield(answer.Ballot);
            }
            catch (Exception error) when (GrainCalls.IsTransient(error))
            {
                await FollowMembershipAsync();
                await Task.Delay(SendAgain, time);
            }
        }

        return null;
    }

    private void Read(SiloLink link, List<OutgoingChange> changes, SiloAnswer answer)
    {
        for (var i = 0; i < changes.Count; i++)
        {
            if (changes[i].Entry is not { } entry || entry.Standing[changes[i].Bundle]?.Silo.Equals(link.Silo) != true)
            {
                continue;
            }

            if (answer.Refused.Contains(i))
            {
                LogRefused(link.Silo, entry.Request.Id);
                _ledger.Refuse(entry, Now);
                _ = DecideSoonAsync();
            }
            else if (entry.Confirm(changes[i].Bundle))
            {
                Signal(entry);
            }
        }
    }
}
