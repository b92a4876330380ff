using Air.Orleans.Core.Storage;

namespace Air.Orleans.Azure.Persistence;

/// <summary>
/// Which keys make names that blobs may have. Those that do are left as they are, so that Orleans' own package finds them; the others are
/// escaped, and cannot be mistaken for any that are not.
/// </summary>
internal static class BlobKeys
{
    private const char Escaped = '%';
    private const int Longest = 300;

    public static (string StateName, GrainId GrainId) Of(string stateName, GrainId grainId)
    {
        var key = grainId.Key.ToString() ?? "";
        return (stateName, IsPlain(key) ? grainId : GrainId.Create(grainId.Type, $"{Escaped}{FileNames.Escape(key)}"));
    }

    private static bool IsPlain(string key) =>
        key.Length <= Longest
        && !key.StartsWith(Escaped)
        && !key.Any(static c => char.IsControl(c) || char.IsSurrogate(c) || c is '\\')
        && !key.Split('/').Any(static part => part is "" or "." or ".." || part.EndsWith('.'));
}
