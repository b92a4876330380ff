namespace Air.Orleans.Core.Jobs.Control;

/// <summary>A job's hold on the bundle that it runs from.</summary>
internal readonly record struct JobPin(string Code, string Job)
{
    private const string Before = "job '";
    private const string After = "'";

    /// <summary>Under which name the book of code has it.</summary>
    public string Holder => HolderOf(Job);

    public static string HolderOf(string job) => Before + job + After;

    /// <summary>The job that holds a bundle under that name; null where it is no job's.</summary>
    public static string? JobOf(string holder) =>
        holder.StartsWith(Before, StringComparison.Ordinal) && holder.EndsWith(After, StringComparison.Ordinal)
            ? holder[Before.Length..^After.Length]
            : null;
}

/// <summary>
/// What a silo's loss leaves between the two books: bundles that are held for jobs which nobody knows, and jobs whose bundle is not held. Pure
/// decisions.
/// </summary>
internal static class JobPins
{
    /// <summary>Holds of jobs that are not in the book, nor about to be.</summary>
    public static IReadOnlyList<JobPin> Strays(
        IEnumerable<CodeInfo> kept,
        JobBook book,
        IReadOnlyCollection<JobPin> coming
    ) => [.. Of(kept).Where(pin => book.Find(pin.Job)?.Info.Code != pin.Code && !coming.Contains(pin))];

    /// <summary>Jobs of the book whose code is kept and not held for them.</summary>
    public static IReadOnlyList<JobPin> Missing(IReadOnlyCollection<CodeInfo> kept, JobBook book)
    {
        var held = Of(kept).ToHashSet();
        var hashes = kept.Select(static code => code.Hash).ToHashSet();
        return
        [
            .. book
                .All.Select(static job => new JobPin(job.Info.Code, job.Info.Name))
                .Where(pin => hashes.Contains(pin.Code) && !held.Contains(pin)),
        ];
    }

    private static IEnumerable<JobPin> Of(IEnumerable<CodeInfo> kept) =>
        kept.SelectMany(static code =>
            code.HeldBy.Select(JobPin.JobOf).OfType<string>().Select(job => new JobPin(code.Hash, job))
        );
}
