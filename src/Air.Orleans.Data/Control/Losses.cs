namespace Air.Orleans.Data.Control;

/// <summary>The losses that one request for a block has met with: how many more there may be, and what is said when there are too many.</summary>
/// <param name="what">Names the block in the error.</param>
internal sealed class Losses(string what)
{
    /// <summary>With this many the request fails.</summary>
    public const int Limit = 5;

    private const int LongestPauseMilliseconds = 1_000;

    private readonly List<Exception> _causes = [];

    public int Count => _causes.Count;

    /// <summary>Notes a loss; false where it was one too many.</summary>
    /// <param name="cause">What was met with.</param>
    /// <param name="pause">How long to wait before the next try, so that a cluster which learns of a dead silo is not outrun.</param>
    public bool TryAdd(Exception cause, out TimeSpan pause)
    {
        _causes.Add(cause);
        pause = TimeSpan.FromMilliseconds(Math.Min(LongestPauseMilliseconds, 100 << (_causes.Count - 1)));
        return _causes.Count < Limit;
    }

    /// <summary>The error that names every loss in turn. It is lasting, so those who wait for the block do not begin to count anew.</summary>
    public DatasetException Error() =>
        new(
            $"{what} was lost {_causes.Count} times, which is the limit: "
                + string.Join("; ", _causes.Select(static (cause, index) => $"{index + 1}. {Describe(cause)}"))
                + ". See why in the logs of the silos; where computing the block ends its silo (memory?), give smaller blocks.",
            _causes[^1]
        );

    private static string Describe(Exception cause)
    {
        var text = Line(cause);
        for (var inner = cause.InnerException; inner is not null; inner = inner.InnerException)
        {
            if (!text.Contains(inner.Message, StringComparison.Ordinal))
            {
                text += $" ← {Line(inner)}";
            }
        }

        return text;
    }

    private static string Line(Exception error) =>
        error is AirException
            ? error.Message.TrimEnd('.')
            : $"{error.GetType().Name}: {error.Message.Split('\n')[0].TrimEnd('.')}";
}
