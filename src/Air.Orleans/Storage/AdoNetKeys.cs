using Air.Orleans.Core.Storage;

namespace Air.Orleans.Storage;

/// <summary>
/// How states are named in a database. Orleans leaves the grain's type out of the key there and takes keys that look like numbers for
/// numbers ("1a" and "1A" would be one), and columns hold neither every character nor every length; so both parts are written out,
/// escaped, and long keys by their hash.
/// </summary>
internal static class AdoNetKeys
{
    public static (string StateName, GrainId GrainId) Of(string stateName, GrainId grainId) =>
        (
            $"{FileNames.Escape(grainId.Type.ToString() ?? "")}/{FileNames.Escape(stateName)}",
            // 'k' is no hexadecimal digit, so that no key reads as a number or a GUID.
            GrainId.Create(grainId.Type, $"k/{FileNames.Escape(grainId.Key.ToString() ?? "")}")
        );
}
