namespace Air.Orleans.Tune;

/// <summary>
/// One rung: the values recorded there, and those of them that a newcomer is compared with. Scores are values turned so
/// that larger is better.
/// </summary>
internal sealed class AshaRung(int milestone)
{
    private readonly List<double> peers = [];

    public int Milestone { get; } = milestone;

    /// <summary>Trial to value, in the order recorded.</summary>
    public OrderedDictionary<int, double> Values { get; } = [];

    /// <summary>The lowest trial that is not yet settled here; used only where decisions are to be reproducible.</summary>
    public int Frontier { get; set; }

    public int PeerCount => peers.Count;

    public void AddPeer(double score)
    {
        var position = peers.BinarySearch(score);
        peers.Insert(position < 0 ? ~position : position, score);
    }

    /// <summary>Gives the percentile 100 (1 - 1/factor) of the peers' scores; there must be at least one.</summary>
    public double Cutoff(int factor)
    {
        var scaled = (peers.Count - 1L) * (factor - 1);
        var index = (int)(scaled / factor);
        var fraction = (double)(scaled % factor) / factor;
        var below = peers[index];
        if (fraction == 0 || below == peers[index + 1])
        {
            return below;
        }

        // Between a finite and an infinite score there is nothing to interpolate: the nearer of the two stands.
        var above = peers[index + 1];
        return !double.IsFinite(below) || !double.IsFinite(above)
            ? (fraction < 0.5 ? below : above)
            : (below * (1 - fraction)) + (above * fraction);
    }
}
