using Polly;
using Polly.Retry;

namespace Air.Orleans.Core.Resilience;

/// <summary>
/// Calls at the border between a client or controller and a grain that may have to be activated anew: retried on the three
/// exceptions that Orleans raises when a silo is lost (it retries nothing itself), and on those alone. What is called
/// here must be idempotent.
/// </summary>
internal static class GrainCalls
{
    private static readonly ResiliencePipeline Pipeline = new ResiliencePipelineBuilder()
        .AddRetry(
            new RetryStrategyOptions
            {
                ShouldHandle = static arguments => ValueTask.FromResult(IsTransient(arguments.Outcome.Exception)),
                MaxRetryAttempts = 12,
                BackoffType = DelayBackoffType.Exponential,
                Delay = TimeSpan.FromMilliseconds(50),
                MaxDelay = TimeSpan.FromSeconds(3),
                UseJitter = true,
            }
        )
        .Build();

    /// <summary>Whether the error says that a silo was lost, so that the same call may succeed elsewhere.</summary>
    public static bool IsTransient(Exception? error) =>
        error is SiloUnavailableException or OrleansMessageRejectionException or TimeoutException;

    /// <summary>Makes an idempotent call, again for as long as half a minute where a silo is lost under it.</summary>
    public static ValueTask<T> RetryAsync<T>(Func<Task<T>> call, CancellationToken cancellationToken = default) =>
        Pipeline.ExecuteAsync(
            static async (state, token) => await state.WaitAsync(token),
            () => call(),
            cancellationToken
        );

    /// <inheritdoc cref="RetryAsync{T}(Func{Task{T}}, CancellationToken)"/>
    public static ValueTask RetryAsync(Func<Task> call, CancellationToken cancellationToken = default) =>
        Pipeline.ExecuteAsync(static async (state, token) => await state().WaitAsync(token), call, cancellationToken);

    private static Task<T> WaitAsync<T>(this Func<Task<T>> call, CancellationToken token) => call().WaitAsync(token);
}
