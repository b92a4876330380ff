using Orleans.Runtime.Messaging;
using Polly;
using Polly.Retry;

namespace Air.Orleans.Core.Resilience;

/// <summary>
/// Calls at the border between a client or controller and a grain that may have to be activated anew: retried on the
/// exceptions that Orleans raises when a silo is lost or cannot be reached (it retries nothing itself), and on those alone. What is called
/// here must be idempotent.
/// </summary>
internal static class GrainCalls
{
    private static readonly ResiliencePipeline Pipeline = new ResiliencePipelineBuilder { Name = "grain calls" }
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
        error
            is SiloUnavailableException
                or OrleansMessageRejectionException
                or ConnectionFailedException
                or TimeoutException;

    /// <summary>
    /// Makes an idempotent call, again for as long as half a minute where a silo is lost under it. A grain stays on its own scheduler.
    /// </summary>
    public static async ValueTask<T> RetryAsync<T>(Func<Task<T>> call, CancellationToken cancellationToken = default)
    {
        var context = ResilienceContextPool.Shared.Get(continueOnCapturedContext: true, cancellationToken);
        try
        {
            return await Pipeline.ExecuteAsync(
                static async (context, call) => await call().WaitAsync(context.CancellationToken),
                context,
                call
            );
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
        }
    }

    /// <inheritdoc cref="RetryAsync{T}(Func{Task{T}}, CancellationToken)"/>
    public static async ValueTask RetryAsync(Func<Task> call, CancellationToken cancellationToken = default) =>
        await RetryAsync(
            async () =>
            {
                await call();
                return true;
            },
            cancellationToken
        );

    /// <summary>Makes an idempotent call until it gives a result: null means that the work is not done yet.</summary>
    public static async ValueTask<T> PollAsync<T>(Func<Task<T?>> call, CancellationToken cancellationToken = default)
        where T : class
    {
        while (true)
        {
            if (await RetryAsync(call, cancellationToken) is { } result)
            {
                return result;
            }
        }
    }
}
