using System.Net;
using System.Net.Sockets;
using Air.Orleans.Core.DataPlane;
using Air.Orleans.Core.Security;
using Polly.CircuitBreaker;

namespace Air.Orleans.Core.Tests.DataPlane;

public sealed class EndpointCircuitTests
{
    private readonly DataClient _client = new(
        ClusterTls.Off,
        ClusterSecret.None,
        new DataLimits(),
        TimeProvider.System
    );

    [Fact]
    public async Task Get_EndpointThatRefusedOnce_IsNotTriedAgain()
    {
        var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var endpoint = Endpoint(listener);
        listener.Stop();

        var first = await Assert.ThrowsAsync<AirException>(() => GetAsync(endpoint));
        // A listener that would notice a second connection.
        listener = new TcpListener(IPAddress.Loopback, endpoint.Port);
        listener.Start();
        var second = await Assert.ThrowsAsync<AirException>(() => GetAsync(endpoint));

        Assert.IsType<SocketException>(first.InnerException);
        Assert.IsAssignableFrom<BrokenCircuitException>(second.InnerException);
        Assert.False(listener.Pending());
        listener.Dispose();
    }

    [Fact]
    public async Task Get_AnotherSiloOnThePortOfOneThatRefused_IsConnectedTo()
    {
        var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var endpoint = Endpoint(listener);
        listener.Stop();
        await Assert.ThrowsAsync<AirException>(() => GetAsync(endpoint));

        listener = new TcpListener(IPAddress.Loopback, endpoint.Port);
        listener.Start();
        var getting = GetAsync(Endpoint(listener));
        (await listener.AcceptTcpClientAsync()).Dispose();
        var error = await Assert.ThrowsAsync<AirException>(() => getting);

        Assert.IsNotAssignableFrom<BrokenCircuitException>(error.InnerException);
        listener.Dispose();
    }

    private static DataEndpoint Endpoint(TcpListener listener) =>
        new("127.0.0.1", ((IPEndPoint)listener.LocalEndpoint).Port, Guid.NewGuid().ToString());

    private Task<bool> GetAsync(DataEndpoint endpoint) =>
        _client.GetAsync(endpoint, "block:x", static _ => Task.FromResult(true), CancellationToken.None);
}
