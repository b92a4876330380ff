using Air.Orleans.Core;

namespace Air.Orleans.CommandLine;

/// <summary>The border to the user: a command's end as an exit code, and its error as one line.</summary>
internal static class Border
{
    public static async Task<int> RunAsync(Func<Task<int>> command)
    {
        try
        {
            return await command();
        }
        catch (OperationCanceledException)
        {
            await Console.Error.WriteLineAsync("Cancelled. What was committed stays in the storage.");
            return 130;
        }
        catch (Exception error)
        {
            // Errors of the project say what to do themselves, others are named with their type.
            var cause = error.InnerException as AirException ?? error;
            var text = cause is AirException or ArgumentException or FormatException ? "" : $"{cause.GetType().Name}: ";
            await Console.Error.WriteLineAsync($"error: {text}{cause.Message}");
            return 1;
        }
    }
}
