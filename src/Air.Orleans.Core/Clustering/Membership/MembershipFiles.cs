using System.Globalization;
using System.IO.Hashing;
using System.Text;
using System.Text.Json;
using Air.Orleans.Core.Storage;

namespace Air.Orleans.Core.Clustering.Membership;

/// <summary>
/// A book in a folder, shared by processes. Each change is a whole new file with the next number, written beside and then given its name,
/// which only one of several writers can get; the others look again. No lock is held meanwhile, so that a process that is stopped
/// or killed in the middle of a change holds up nobody.
/// </summary>
internal sealed class MembershipFiles(string folder, TimeProvider time)
{
    private const string Prefix = "table-";
    private const int Kept = 16;
    private static readonly TimeSpan DraftAge = TimeSpan.FromMinutes(10);
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    private (long Number, MembershipBook Book) _latest = (0, MembershipBook.Empty);
    private readonly Lock _gate = new();

    /// <summary>The book now.</summary>
    /// <exception cref="AirException">The file is damaged.</exception>
    public MembershipBook Read() => ReadLatest().Book;

    /// <summary>
    /// Applies <paramref name="change"/> to the book as it is now, again where another was faster. False where it gave null; the same book is
    /// not written.
    /// </summary>
    /// <exception cref="AirException">The file is damaged.</exception>
    public bool Change(Func<MembershipBook, MembershipBook?> change)
    {
        while (true)
        {
            var (number, before) = ReadLatest();
            var after = change(before);
            if (after is null)
            {
                return false;
            }

            if (ReferenceEquals(after, before) || TryWrite(number, after))
            {
                return true;
            }
        }
    }

    private (long Number, MembershipBook Book) ReadLatest()
    {
        while (true)
        {
            var number = Numbers().DefaultIfEmpty(0).Max();
            lock (_gate)
            {
                if (_latest.Number == number)
                {
                    return _latest;
                }
            }

            try
            {
                var latest = (number, Parse(PathOf(number), File.ReadAllText(PathOf(number))));
                lock (_gate)
                {
                    return _latest = latest;
                }
            }
            catch (FileNotFoundException)
            {
                // Writers went on and removed it.
            }
        }
    }

    private bool TryWrite(long number, MembershipBook book)
    {
        Directory.CreateDirectory(folder);
        var draft = Path.Combine(folder, $"{Guid.NewGuid():N}.draft");
        try
        {
            using (var file = new FileStream(draft, FileMode.CreateNew, FileAccess.Write, FileShare.None))
            {
                file.Write(Encoding.UTF8.GetBytes(Format(book)));
                file.Flush(flushToDisk: true);
            }

            if (!NameClaim.TryClaim(draft, PathOf(number + 1)))
            {
                return false;
            }
        }
        finally
        {
            File.Delete(draft);
        }

        // Files go oldest first: where the one that this change stands on is still there, nobody can have had this number before. The first file
        // stands on none: others can have had its number, and removed it, where they are so much further on.
        var isStale = number > 0 ? !File.Exists(PathOf(number)) : Numbers().Max() > Kept;
        if (isStale)
        {
            File.Delete(PathOf(number + 1));
            return false;
        }

        RemoveOld(number + 1);
        return true;
    }

    private void RemoveOld(long latest)
    {
        foreach (var old in Numbers().Where(number => number <= latest - Kept).Order())
        {
            File.Delete(PathOf(old));
        }

        foreach (var draft in Directory.EnumerateFiles(folder, "*.draft"))
        {
            if (time.GetUtcNow() - File.GetLastWriteTimeUtc(draft) > DraftAge)
            {
                File.Delete(draft);
            }
        }
    }

    private IEnumerable<long> Numbers() =>
        Directory.Exists(folder)
            ? Directory
                .EnumerateFiles(folder, Prefix + "*.json")
                .Select(static path =>
                    long.TryParse(
                        Path.GetFileNameWithoutExtension(path.AsSpan())[Prefix.Length..],
                        NumberStyles.None,
                        CultureInfo.InvariantCulture,
                        out var number
                    )
                        ? number
                        : 0
                )
            : [];

    private string PathOf(long number) =>
        Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"{Prefix}{number:D12}.json"));

    private static string Format(MembershipBook book)
    {
        var json = JsonSerializer.Serialize(new Content(book.Version, book.Changes, [.. book.Rows.Values]), Json);
        return $"{Hash(json)}\n{json}";
    }

    private static string Hash(string json) => Convert.ToHexStringLower(XxHash3.Hash(Encoding.UTF8.GetBytes(json)));

    private static MembershipBook Parse(string path, string text)
    {
        var end = text.IndexOf('\n', StringComparison.Ordinal);
        var json = text[(end + 1)..];
        if (end < 0 || text[..end] != Hash(json) || JsonSerializer.Deserialize<Content>(json, Json) is not { } content)
        {
            throw new AirException(
                $"'{path}' is not the membership table that was written: its hash does not match its {text.Length} characters. "
                    + $"Stop all silos of this cluster and delete the folder '{Path.GetDirectoryName(path)}'; "
                    + "it holds no checkpoints and no runs, and the next silo begins it anew."
            );
        }

        return MembershipBook.Empty with
        {
            Version = content.Version,
            Changes = content.Changes,
            Rows = MembershipBook.Empty.Rows.SetItems(
                content.Rows.Select(static row => KeyValuePair.Create(row.Silo, row))
            ),
        };
    }

    private sealed record Content(int Version, long Changes, MembershipRow[] Rows);
}
