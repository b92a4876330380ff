using Microsoft.Extensions.Logging;

namespace Air.Orleans.Tune.Grains;

internal sealed partial class TuneRunGrain
{
    [LoggerMessage(4001, LogLevel.Warning, "Search '{Tune}': trial {Trial}, attempt {Attempt}, failed: {Reason}")]
    private partial void LogFailed(string tune, int trial, int attempt, string reason);

    [LoggerMessage(
        4002,
        LogLevel.Information,
        "Search '{Tune}' goes on with {Running} trials; it had missed {Missed} reports."
    )]
    private partial void LogResumed(string tune, int running, int missed);

    [LoggerMessage(4003, LogLevel.Debug, "Search '{Tune}' tries again in a moment, as a silo did not answer.")]
    private partial void LogLater(string tune, Exception error);

    [LoggerMessage(
        4005,
        LogLevel.Information,
        "Trial {Paused} of search '{Search}' gives its resources to trial {Needy}, which it waits for."
    )]
    private partial void LogPaused(string search, int paused, int needy);
}
