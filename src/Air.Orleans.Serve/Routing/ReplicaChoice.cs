namespace Air.Orleans.Serve.Routing;

/// <summary>
/// The power of two choices (Mitzenmacher 2001): of two replicas drawn at random, the one with fewer requests outstanding.
/// </summary>
internal static class ReplicaChoice
{
    /// <summary>
    /// A replica of this process, while one drawn so has less than a batch outstanding; else one of all.
    /// </summary>
    /// <param name="all">All replicas, at least one.</param>
    /// <param name="local">Those of this process.</param>
    /// <param name="maxBatchRows">From so many outstanding requests on, other processes are considered.</param>
    /// <param name="random">64 random bits.</param>
    public static ReplicaTarget Choose(ReplicaTarget[] all, ReplicaTarget[] local, int maxBatchRows, ulong random)
    {
        if (local.Length > 0)
        {
            var near = OfTwo(local, random);
            if (near.Outstanding < maxBatchRows || local.Length == all.Length)
            {
                return near;
            }
        }

        return OfTwo(all, random);
    }

    private static ReplicaTarget OfTwo(ReplicaTarget[] targets, ulong random)
    {
        if (targets.Length == 1)
        {
            return targets[0];
        }

        var first = (int)((uint)random % (uint)targets.Length);
        var second = (int)((uint)(random >> 32) % (uint)(targets.Length - 1));
        second += second >= first ? 1 : 0;
        return targets[second].Outstanding < targets[first].Outstanding ? targets[second] : targets[first];
    }
}
