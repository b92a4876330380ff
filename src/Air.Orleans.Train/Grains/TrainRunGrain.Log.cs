using Microsoft.Extensions.Logging;

namespace Air.Orleans.Train.Grains;

/// <content>What is logged.</content>
internal sealed partial class TrainRunGrain
{
    [LoggerMessage(3001, LogLevel.Information, "Run '{Run}' failed.")]
    private partial void LogFailed(string run, Exception error);

    [LoggerMessage(3004, LogLevel.Information, "Run '{Run}' goes on in another activation.")]
    private partial void LogLeft(string run, Exception error);

    [LoggerMessage(3003, LogLevel.Debug, "The book of runs did not hear that run '{Run}' has ended; it will ask.")]
    private partial void LogEndNotNoted(string run, Exception error);

    [LoggerMessage(3002, LogLevel.Warning, "Run '{Run}' begins again from its latest checkpoint: {Reason}")]
    private partial void LogBeginsAgain(string run, string reason);

    [LoggerMessage(3005, LogLevel.Information, "Run '{Run}' goes on elsewhere from its latest checkpoint: {Reason}")]
    private partial void LogMoves(string run, string reason);
}
