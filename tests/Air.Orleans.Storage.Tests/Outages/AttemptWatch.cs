using Microsoft.Extensions.Logging;

namespace Air.Orleans.Storage.Tests.Outages;

/// <summary>Counts, by the log, how often a storage that did not answer was asked again. Thread-safe.</summary>
internal sealed class AttemptWatch : ILoggerProvider, ILogger
{
    private const int AskedAgain = 1030;

    private readonly Lock _lock = new();
    private readonly TaskCompletionSource _enough = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _wanted = int.MaxValue;
    private int _seen;

    /// <summary>Ends when it was asked again so often.</summary>
    public Task WaitAsync(int attempts)
    {
        lock (_lock)
        {
            _wanted = attempts;
            Check();
        }

        return _enough.Task;
    }

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(
        LogLevel logLevel,
        EventId eventId,
        TState state,
        Exception? exception,
        Func<TState, Exception?, string> formatter
    )
    {
        if (eventId.Id == AskedAgain && eventId.Name == "LogAgain")
        {
            lock (_lock)
            {
                _seen++;
                Check();
            }
        }
    }

    public void Dispose() { }

    private void Check()
    {
        if (_seen >= _wanted)
        {
            _enough.TrySetResult();
        }
    }
}
