using System.Text.Json;

namespace Air.Orleans.Tune;

/// <summary>Reads saved JSON states, with one error form for text that is none.</summary>
internal static class SavedState
{
    public static T Read<T>(string state, string owner)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(state);
        try
        {
            return JsonSerializer.Deserialize<T>(state, TuneJson.Options) ?? throw new JsonException("It is null.");
        }
        catch (Exception fault) when (fault is JsonException or ArgumentException)
        {
            throw new ArgumentException(
                $"The saved {owner} state cannot be read: it must be the text that SaveState of the same kind of {owner} "
                    + $"gave. {fault.Message}",
                nameof(state),
                fault
            );
        }
    }
}
