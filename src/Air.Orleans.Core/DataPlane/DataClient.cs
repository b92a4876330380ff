using System.Collections.Concurrent;
using System.Net.Sockets;
using Polly.CircuitBreaker;
using Polly.Timeout;

namespace Air.Orleans.Core.DataPlane;

/// <summary>The data plane's end of whoever fetches or sends: one connection for each transfer.</summary>
internal sealed class DataClient
{
    private const int BufferBytes = 1 << 20;

    private readonly ConcurrentDictionary<DataEndpoint, EndpointCircuit> _circuits = new();

    /// <summary>Fetches what <paramref name="endpoint"/> keeps under <paramref name="key"/> and reads it.</summary>
    /// <exception cref="AirException">The silo answered with an error, or cannot be reached.</exception>
    public async Task<T> GetAsync<T>(
        DataEndpoint endpoint,
        string key,
        Func<Stream, Task<T>> read,
        CancellationToken cancellationToken
    )
    {
        try
        {
            using var client = await CircuitOf(endpoint).ConnectAsync(endpoint, cancellationToken);
            await using var stream = client.GetStream();
            await DataFrames.WriteRequestAsync(stream, DataFrames.Get, endpoint.Secret, key, 0, cancellationToken);
            await DataFrames.ReadAnswerAsync(stream, key, cancellationToken);
            await using var buffered = new BufferedStream(stream, BufferBytes);
            return await read(buffered);
        }
        catch (Exception error) when (IsLoss(error))
        {
            throw Lost(endpoint, key, error);
        }
    }

    /// <summary>
    /// Fetches content of an <see cref="IMemorySource"/> into memory of the caller's choice, which is asked for as soon as the length is known.
    /// </summary>
    /// <exception cref="AirException">The silo answered with an error, or cannot be reached.</exception>
    public Task<Memory<byte>> FetchAsync(
        DataEndpoint endpoint,
        string key,
        Func<long, ValueTask<Memory<byte>>> reserve,
        CancellationToken cancellationToken
    ) =>
        GetAsync(
            endpoint,
            key,
            async stream =>
            {
                var head = new byte[sizeof(long)];
                await stream.ReadExactlyAsync(head, cancellationToken);
                var memory = await reserve(BitConverter.ToInt64(head));
                await stream.ReadExactlyAsync(memory, cancellationToken);
                return memory;
            },
            cancellationToken
        );

    /// <summary>Sends <paramref name="content"/> to be kept under <paramref name="key"/>.</summary>
    /// <exception cref="AirException">The silo answered with an error, or cannot be reached.</exception>
    public async Task PutAsync(
        DataEndpoint endpoint,
        string key,
        ReadOnlyMemory<byte> content,
        CancellationToken cancellationToken
    )
    {
        try
        {
            using var client = await CircuitOf(endpoint).ConnectAsync(endpoint, cancellationToken);
            await using var stream = client.GetStream();
            await DataFrames.WriteRequestAsync(
                stream,
                DataFrames.Put,
                endpoint.Secret,
                key,
                content.Length,
                cancellationToken
            );
            await stream.WriteAsync(content, cancellationToken);
            await DataFrames.ReadAnswerAsync(stream, key, cancellationToken);
        }
        catch (Exception error) when (IsLoss(error))
        {
            throw Lost(endpoint, key, error);
        }
    }

    private EndpointCircuit CircuitOf(DataEndpoint endpoint) =>
        _circuits.GetOrAdd(endpoint, static _ => new EndpointCircuit());

    /// <summary>Whether the silo, or the way to it, is gone.</summary>
    private static bool IsLoss(Exception error) =>
        error is IOException or SocketException or BrokenCircuitException or TimeoutRejectedException;

    private static AirException Lost(DataEndpoint endpoint, string key, Exception error) =>
        new(
            $"'{key}' could not be moved from or to the silo at {endpoint.Host}:{endpoint.Port}: {error.Message}",
            error
        );
}
