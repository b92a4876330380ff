using Polly;
using Polly.CircuitBreaker;

namespace Air.Orleans.Core.Resilience;

/// <summary>
/// A circuit breaker before one target: when half of at least two calls in ten seconds found its silo lost, calls fail at once for a second,
/// with a <see cref="BrokenCircuitException"/>; then one tries again. Thread-safe.
/// </summary>
internal sealed class Circuit(string name)
{
    private readonly ResiliencePipeline _pipeline = new ResiliencePipelineBuilder { Name = name }
        .AddCircuitBreaker(
            new CircuitBreakerStrategyOptions
            {
                ShouldHandle = static arguments =>
                    ValueTask.FromResult(GrainCalls.IsTransient(arguments.Outcome.Exception)),
                FailureRatio = 0.5,
                MinimumThroughput = 2,
                SamplingDuration = TimeSpan.FromSeconds(10),
                BreakDuration = TimeSpan.FromSeconds(1),
            }
        )
        .Build();

    /// <summary>Makes the call, unless the circuit is open.</summary>
    /// <exception cref="BrokenCircuitException">It is.</exception>
    public ValueTask<T> RunAsync<T>(Func<Task<T>> call) =>
        _pipeline.ExecuteAsync(static async (call, _) => await call(), call);
}
