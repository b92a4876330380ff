using Polly;
using Polly.CircuitBreaker;
using Polly.Retry;
using Polly.Timeout;

namespace Air.Orleans.Core.Storage;

/// <summary>
/// How requests to a storage live through an outage: made again with growing pauses until the patience ends, held back by a circuit
/// breaker while the storage is known to be away, each with a limit of its own so that a server that hangs is an outage too.
/// </summary>
internal static class StorageResilience
{
    /// <summary>The limit of one attempt, set by the caller for large states.</summary>
    public static readonly ResiliencePropertyKey<TimeSpan> AttemptLimit = new("air.storage.attempt-limit");

    public static ResiliencePipeline Create(StorageBorder border, TimeProvider time, Action<Exception?> again) =>
        new ResiliencePipelineBuilder { Name = "storage", TimeProvider = time }
            .AddTimeout(border.Patience)
            .AddRetry(
                new RetryStrategyOptions
                {
                    ShouldHandle = arguments =>
                        ValueTask.FromResult(
                            arguments.Outcome.Exception is BrokenCircuitException
                                || IsOutage(border, arguments.Outcome.Exception)
                        ),
                    OnRetry = arguments =>
                    {
                        again(arguments.Outcome.Exception);
                        return ValueTask.CompletedTask;
                    },
                    MaxRetryAttempts = int.MaxValue,
                    BackoffType = DelayBackoffType.Exponential,
                    Delay = TimeSpan.FromMilliseconds(50),
                    MaxDelay = TimeSpan.FromSeconds(1),
                    UseJitter = true,
                }
            )
            .AddCircuitBreaker(
                new CircuitBreakerStrategyOptions
                {
                    ShouldHandle = arguments => ValueTask.FromResult(IsOutage(border, arguments.Outcome.Exception)),
                    FailureRatio = 0.5,
                    MinimumThroughput = 8,
                    SamplingDuration = TimeSpan.FromSeconds(5),
                    BreakDuration = TimeSpan.FromSeconds(1),
                }
            )
            .AddTimeout(
                new TimeoutStrategyOptions
                {
                    TimeoutGenerator = arguments =>
                        ValueTask.FromResult(arguments.Context.Properties.GetValue(AttemptLimit, border.AnswerLimit)),
                }
            )
            .Build();

    /// <summary>Whether the storage did not answer, so that it is not known what became of the request.</summary>
    public static bool IsOutage(StorageBorder border, Exception? error) =>
        error is TimeoutRejectedException
        || (error is not null and not BrokenCircuitException && border.FaultOf(error) == StorageFault.Unavailable);
}
