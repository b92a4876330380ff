namespace Air.Orleans.Train.Collectives;

/// <summary>
/// What workers do together. Every worker must make the same calls in the same order; where one does not, all get an error that
/// says who is where, and nobody waits for ever. One caller for each rank.
/// </summary>
internal interface ICollective
{
    int Rank { get; }

    int WorldSize { get; }

    /// <summary>Replaces every worker's buffer with the sum of all, added in the order of ranks: the same bits everywhere.</summary>
    void AllReduceSum(Span<float> buffer);

    /// <inheritdoc cref="AllReduceSum(Span{float})"/>
    void AllReduceSum(Span<double> buffer);

    /// <summary>Replaces every worker's buffer with that of <paramref name="root"/>.</summary>
    void Broadcast(Span<float> buffer, int root);

    /// <summary>Waits for all workers at a point with a number, such as the third report.</summary>
    void Barrier(string what, int number);

    /// <summary>This worker makes no further call.</summary>
    void Leave(string lastDone);

    /// <summary>Wakes everyone with an error.</summary>
    void Abort(string reason);
}
