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
    private readonly CircuitBreakerManualControl _control = new();
    private readonly ResiliencePipeline _pipeline;

    public EndpointCircuit(DataLimits limits) =>
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
            .AddTimeout(limits.Connect)
            .Build();

    /// <summary>Connects, unless the circuit is open.</summary>
    /// <exception cref="BrokenCircuitException">It is.</exception>
    /// <exception cref="SocketException">The silo cannot be reached.</exception>
    /// <exception cref="TimeoutRejectedException">It does not answer.</exception>
    public async ValueTask<Socket> ConnectAsync(DataEndpoint endpoint, CancellationToken cancellationToken)
    {
        try
        {
            return await _pipeline.ExecuteAsync(
                static async (endpoint, token) => await ConnectOnceAsync(endpoint, token),
                endpoint,
                cancellationToken
            );
        }
        catch (SocketException error) when (IsGone(error))
        {
            await _control.IsolateAsync(CancellationToken.None);
            throw;
        }
    }

    /// <summary>Whether the silo is gone for good, and not only the way to it.</summary>
    public static bool IsGone(Exception? error) =>
        error is SocketException { SocketErrorCode: SocketError.ConnectionRefused } or IsolatedCircuitException;

    private static async Task<Socket> ConnectOnceAsync(DataEndpoint endpoint, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(endpoint.Host, endpoint.Port, cancellationToken);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
