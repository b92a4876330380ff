using System.Net.Sockets;
using Polly;
using Polly.CircuitBreaker;
using Polly.Timeout;

namespace Air.Orleans.Core.DataPlane;

/// <summary>
/// The circuit breaker before the data plane of one silo. A silo that refuses a connection is gone for good, as one that starts again has
/// another endpoint: nobody tries it twice. One that does not answer at all is left alone for a second, then tried again. Thread-safe.
/// </summary>
internal sealed class EndpointCircuit
{
    private static readonly TimeSpan ConnectLimit = TimeSpan.FromSeconds(5);

    private readonly CircuitBreakerManualControl _control = new();
    private readonly ResiliencePipeline _pipeline;

    public EndpointCircuit() =>
        _pipeline = new ResiliencePipelineBuilder { Name = "data plane" }
            .AddCircuitBreaker(
                new CircuitBreakerStrategyOptions
                {
                    ShouldHandle = static arguments =>
                        ValueTask.FromResult(
                            arguments.Outcome.Exception is SocketException or TimeoutRejectedException
                        ),
                    FailureRatio = 0.5,
                    MinimumThroughput = 2,
                    SamplingDuration = TimeSpan.FromSeconds(10),
                    BreakDuration = TimeSpan.FromSeconds(1),
                    ManualControl = _control,
                }
            )
            .AddTimeout(ConnectLimit)
            .Build();

    /// <summary>Connects, unless the circuit is open.</summary>
    /// <exception cref="BrokenCircuitException">It is.</exception>
    /// <exception cref="SocketException">The silo cannot be reached.</exception>
    /// <exception cref="TimeoutRejectedException">It does not answer.</exception>
    public async ValueTask<TcpClient> ConnectAsync(DataEndpoint endpoint, CancellationToken cancellationToken)
    {
        try
        {
            return await _pipeline.ExecuteAsync(
                static async (endpoint, token) => await ConnectOnceAsync(endpoint, token),
                endpoint,
                cancellationToken
            );
        }
        catch (SocketException error) when (error.SocketErrorCode == SocketError.ConnectionRefused)
        {
            await _control.IsolateAsync(CancellationToken.None);
            throw;
        }
    }

    private static async Task<TcpClient> ConnectOnceAsync(DataEndpoint endpoint, CancellationToken cancellationToken)
    {
        var client = new TcpClient { NoDelay = true };
        try
        {
            await client.ConnectAsync(endpoint.Host, endpoint.Port, cancellationToken);
            return client;
        }
        catch
        {
            client.Dispose();
            throw;
        }
    }
}
