using System.Runtime.ExceptionServices;
using Orleans.Runtime.Messaging;
using Polly;
using Polly.Retry;
using Polly.Timeout;

namespace Air.Orleans.Core.Resilience;

/// <summary>
/// Calls at the border between a client or controller and a grain that may have to be activated anew: retried on the
/// exceptions that Orleans raises when a silo is lost or cannot be reached (it retries nothing itself), and on those alone. What is called
/// here must be idempotent. The first try is a plain call; only one that fails costs a pipeline.
/// </summary>
internal static class GrainCalls
{
    private static readonly TimeSpan TotalTimeout = TimeSpan.FromMinutes(1);

    private static readonly ResiliencePropertyKey<Exception> LatestError = new("air.calls.latest-error");

    private static readonly ResiliencePipeline Pipeline = Create(TimeProvider.System);

    /// <summary>Whether the error says that a silo was lost, so that the same call may succeed elsewhere.</summary>
    public static bool IsTransient(Exception? error) =>
        error
            is SiloUnavailableException
                or OrleansMessageRejectionException
                or ConnectionFailedException
                or TimeoutException;

    /// <summary>
    /// Makes an idempotent call, again for as long as a minute where a silo is lost under it. A grain stays on its own scheduler.
    /// </summary>
    /// <exception cref="TimeoutException">The minute has passed; the latest error is inside.</exception>
    public static async ValueTask<T> RetryAsync<T>(Func<Task<T>> call, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            return await call().WaitAsync(cancellationToken);
        }
        catch (Exception error) when (IsTransient(error))
        {
            return await AgainAsync(Pipeline, call, error, cancellationToken);
        }
    }

    /// <inheritdoc cref="RetryAsync{T}(Func{Task{T}}, CancellationToken)"/>
    public static async ValueTask RetryAsync(Func<Task> call, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            await call().WaitAsync(cancellationToken);
        }
        catch (Exception error) when (IsTransient(error))
        {
            await AgainAsync(
                Pipeline,
                async () =>
                {
                    await call();
                    return true;
                },
                error,
                cancellationToken
            );
        }
    }

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

    /// <summary>The pipeline of calls that failed once.</summary>
    internal static ResiliencePipeline Create(TimeProvider time) =>
        new ResiliencePipelineBuilder { Name = "grain calls", TimeProvider = time }
            .AddTimeout(new TimeoutStrategyOptions { Name = "total", Timeout = TotalTimeout })
            .AddRetry(
                new RetryStrategyOptions
                {
                    Name = "retry",
                    ShouldHandle = static arguments => ValueTask.FromResult(IsTransient(arguments.Outcome.Exception)),
                    OnRetry = static arguments =>
                    {
                        arguments.Context.Properties.Set(LatestError, arguments.Outcome.Exception!);
                        return ValueTask.CompletedTask;
                    },
                    MaxRetryAttempts = 12,
                    BackoffType = DelayBackoffType.Exponential,
                    Delay = TimeSpan.FromMilliseconds(50),
                    MaxDelay = TimeSpan.FromSeconds(3),
                    UseJitter = true,
                }
            )
            .Build();

    /// <summary>Makes a call that has failed once already: <paramref name="first"/> counts as the first try.</summary>
    internal static async ValueTask<T> AgainAsync<T>(
        ResiliencePipeline pipeline,
        Func<Task<T>> call,
        Exception first,
        CancellationToken cancellationToken
    )
    {
        var context = ResilienceContextPool.Shared.Get(continueOnCapturedContext: true, cancellationToken);
        context.Properties.Set(LatestError, first);
        var hasFailed = false;
        try
        {
            return await pipeline.ExecuteAsync(
                async (context, call) =>
                {
                    if (!hasFailed)
                    {
                        hasFailed = true;
                        ExceptionDispatchInfo.Throw(first);
                    }

                    return await call().WaitAsync(context.CancellationToken);
                },
                context,
                call
            );
        }
        catch (TimeoutRejectedException)
        {
            var latest = context.Properties.GetValue(LatestError, first);
            throw new TimeoutException(
                $"No silo has answered for {TotalTimeout.TotalSeconds:0} s: {latest.Message} See that silos are up ('air status'), then ask again.",
                latest
            );
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
        }
    }
}
