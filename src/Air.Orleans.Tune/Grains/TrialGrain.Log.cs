using Microsoft.Extensions.Logging;

namespace Air.Orleans.Tune.Grains;

internal sealed partial class TrialGrain
{
    [LoggerMessage(4010, LogLevel.Warning, "Run '{Run}' of a trial could not be started.")]
    private partial void LogNotStarted(string run, Exception error);
}
