namespace Air.Orleans.Core.Security;

/// <summary>
/// Before a silo joins: the silos that are active must believe it, and it them. Otherwise it would hang for minutes as one who joins, and
/// nobody would know why.
/// </summary>
internal sealed class PeersCheck(ClusterSecurity security, IMembershipTable membership, ILocalSiloDetails silo)
    : ILifecycleParticipant<ISiloLifecycle>
{
    /// <summary>One that refuses is enough; some may be dead without anybody knowing yet.</summary>
    private const int Asked = 5;

    public void Participate(ISiloLifecycle observer) =>
        observer.Subscribe(nameof(PeersCheck), ServiceLifecycleStage.RuntimeGrainServices + 1, CheckAsync);

    private async Task CheckAsync(CancellationToken cancellationToken)
    {
        var table = await membership.ReadAllAsync(cancellationToken);
        var probe = new PeerProbe(security);
        var active = table
            .Members.Select(static row => row.Item1)
            .Where(it => it.Status == SiloStatus.Active && !it.SiloAddress.Equals(silo.SiloAddress))
            .Take(Asked);
        var answers = await Task.WhenAll(
            active.Select(it => probe.AskAsync(it.SiloAddress.Endpoint, cancellationToken))
        );
        if (Array.Find(answers, static it => it.Outcome == PeerOutcome.Refused) is { } refused)
        {
            throw new AirException(
                $"The silo cannot join the cluster: {refused.Text}. All silos of a cluster need certificates of one authority, and one secret."
            );
        }
    }
}
