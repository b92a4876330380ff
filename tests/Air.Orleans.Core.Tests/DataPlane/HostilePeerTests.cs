using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Air.Orleans.Core.DataPlane;
using Air.Orleans.Core.Security;

namespace Air.Orleans.Core.Tests.DataPlane;

/// <summary>The data port and those who mean ill; alone, as what others keep would be counted.</summary>
[Collection("transfer memory")]
public sealed class HostilePeerTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);
    private readonly HeldBytes _source = new();

    [Fact]
    public async Task Server_HostileFramesForSeconds_ServesOthersAndKeepsNothing()
    {
        await using var host = await DataPlaneHost.StartAsync(_source);
        var content = HeldBytes.Noise(2 << 20);
        _source.Hold("a", content);
        // What those with the secret attack: they may write there, and some do.
        _source.Hold("b", HeldBytes.Noise(2 << 20));
        await host.FetchAsync("test:a");
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var watch = Stopwatch.StartNew();
        var sent = 0;

        await Task.WhenAll(
            Enumerable
                .Range(1, 6)
                .Select(async seed =>
                {
                    var frames = new HostileFrames(seed);
                    while (watch.Elapsed < TimeSpan.FromSeconds(4))
                    {
                        await AttackAsync(host.Endpoint, frames, isInsider: seed % 2 == 0);
                        Interlocked.Increment(ref sent);
                    }
                })
        );

        Assert.Equal(content, await host.FetchAsync("test:a"));
        Assert.True(sent > 50, $"{sent} attacks");
        host.Client.Dispose();
        Assert.True(await Polling.UntilAsync(() => host.Server.Connections == 0), $"{host.Server.Connections} open");
        Assert.True(await Polling.UntilAsync(() => _source.Leases == 0), $"{_source.Leases} leases");
        var after = GC.GetTotalMemory(forceFullCollection: true);
        Assert.True(after - before < 32 << 20, $"{(after - before) >> 20} MB more than before");
    }

    [Fact]
    public async Task Server_ConnectionsThatSayNothing_AreClosed()
    {
        await using var host = await DataPlaneHost.StartAsync(_source);
        var silent = new List<TcpClient>();
        for (var i = 0; i < 40; i++)
        {
            silent.Add(await ConnectAsync(host.Endpoint));
        }

        foreach (var client in silent)
        {
            Assert.True(await ReadToEndAsync(client).WaitAsync(Limit) <= DataHandshake.GreetingBytes);
            client.Dispose();
        }

        Assert.True(await Polling.UntilAsync(() => host.Server.Connections == 0));
    }

    [Fact]
    public async Task Server_MoreConnectionsThanMayProveThemselves_ClosesTheLaterAndKeepsTheProved()
    {
        await using var host = await DataPlaneHost.StartAsync(
            _source,
            DataPlaneHost.Hasty with
            {
                MostHandshakes = 4,
                Handshake = TimeSpan.FromSeconds(30),
            }
        );
        _source.Hold("a", HeldBytes.Noise(100));
        await host.FetchAsync("test:a");
        var silent = new List<TcpClient>();
        for (var i = 0; i < 4; i++)
        {
            silent.Add(await ConnectAsync(host.Endpoint));
            Assert.Equal(1, await silent[i].GetStream().ReadAsync(new byte[1]));
        }

        using var late = await ConnectAsync(host.Endpoint);
        Assert.Equal(0, await ReadToEndAsync(late).WaitAsync(Limit));

        Assert.Equal(100, (await host.FetchAsync("test:a")).Length);
        silent.ForEach(static client => client.Dispose());
    }

    [Fact]
    public async Task Server_AReplayedHandshake_IsRefused()
    {
        await using var host = await DataPlaneHost.StartAsync(_source);
        using var first = await ConnectAsync(host.Endpoint);
        var hello = await GreetAsync(first, host.Endpoint.Secret);
        await first.GetStream().WriteAsync(hello);
        var welcome = new byte[DataHandshake.WelcomeBytes];
        await first.GetStream().ReadExactlyAsync(welcome);
        Assert.Equal(0, welcome[0]);

        using var second = await ConnectAsync(host.Endpoint);
        await GreetAsync(second, host.Endpoint.Secret);
        await second.GetStream().WriteAsync(hello);
        await second.GetStream().ReadExactlyAsync(welcome);

        Assert.Equal(1, welcome[0]);
        Assert.Equal(-1, welcome.AsSpan(1).IndexOfAnyExcept((byte)0));
        Assert.Equal(0, await ReadToEndAsync(second).WaitAsync(Limit));
    }

    [Fact]
    public async Task Client_AServerThatDoesNotKnowTheSecret_IsNotBelieved()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var impostor = ServeAsync(listener, Guid.NewGuid().ToString(), static _ => Task.CompletedTask);

        var error = await Assert.ThrowsAsync<AirException>(() => FetchAsync(EndpointOf(listener, "secret")));

        Assert.Contains("wrong secret", error.Message, StringComparison.Ordinal);
        listener.Stop();
        await impostor;
    }

    [Theory]
    [InlineData(int.MaxValue, 0L)]
    [InlineData(-1, 10L)]
    [InlineData(100, long.MaxValue)]
    [InlineData(17 << 20, 17L << 20)]
    public async Task Client_AnAnswerWithAnImpossibleLength_IsAnErrorAndReservesNothing(int length, long total)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var silo = ServeAsync(
            listener,
            "secret",
            async stream =>
            {
                var answer = new byte[DataAnswer.Bytes];
                new DataAnswer(Failed: false, length, total, 0).Write(answer);
                await stream.WriteAsync(answer);
            }
        );

        await Assert.ThrowsAsync<AirException>(() => FetchAsync(EndpointOf(listener, "secret")));

        listener.Stop();
        await silo;
    }

    private static DataEndpoint EndpointOf(TcpListener listener, string secret) =>
        new("127.0.0.1", ((IPEndPoint)listener.LocalEndpoint).Port, secret);

    private static async Task FetchAsync(DataEndpoint endpoint)
    {
        using var client = DataPlaneHost.NewClient(DataPlaneHost.Hasty with { Attempts = 3 });
        await client
            .FetchAsync(
                endpoint,
                "test:a",
                static _ => throw new InvalidOperationException("It reserved memory."),
                CancellationToken.None
            )
            .WaitAsync(Limit);
    }

    /// <summary>Proves itself by that secret to whoever comes, and answers each first request.</summary>
    private static async Task ServeAsync(TcpListener listener, string secret, Func<NetworkStream, Task> answer)
    {
        var key = DataHandshake.KeyOf(secret, ClusterSecret.None);
        while (true)
        {
            try
            {
                using var client = await listener.AcceptTcpClientAsync();
                var stream = client.GetStream();
                var greeting = new byte[DataHandshake.GreetingBytes];
                DataHandshake.WriteGreeting(greeting);
                await stream.WriteAsync(greeting);
                var hello = new byte[DataHandshake.HelloBytes];
                await stream.ReadExactlyAsync(hello);
                var welcome = new byte[DataHandshake.WelcomeBytes];
                DataHandshake.WriteWelcome(
                    welcome,
                    true,
                    key,
                    DataHandshake.ReadGreeting(greeting),
                    DataHandshake.NonceOf(hello)
                );
                await stream.WriteAsync(welcome);
                await stream.ReadExactlyAsync(new byte[DataRequest.Bytes + "test:a".Length]);
                await answer(stream);
            }
            catch (IOException)
            {
                // The client has seen enough.
            }
            catch (Exception error) when (error is SocketException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    private static async Task AttackAsync(DataEndpoint endpoint, HostileFrames frames, bool isInsider)
    {
        try
        {
            using var client = await ConnectAsync(endpoint);
            var stream = client.GetStream();
            if (isInsider)
            {
                await stream.WriteAsync(await GreetAsync(client, endpoint.Secret));
                await stream.ReadExactlyAsync(new byte[DataHandshake.WelcomeBytes]);
                await stream.WriteAsync(frames.NextInsider("test:b"));
            }
            else
            {
                await stream.WriteAsync(frames.NextStranger());
            }

            if (frames.NextIsPatient())
            {
                client.Client.Shutdown(SocketShutdown.Send);
                await ReadToEndAsync(client).WaitAsync(Limit);
            }
        }
        catch (Exception error) when (error is IOException or SocketException or InvalidOperationException)
        {
            // The silo has closed the connection, as it should.
        }
    }

    /// <summary>The hello that answers the greeting on this connection.</summary>
    private static async Task<byte[]> GreetAsync(TcpClient client, string secret)
    {
        var greeting = new byte[DataHandshake.GreetingBytes];
        await client.GetStream().ReadExactlyAsync(greeting);
        var hello = new byte[DataHandshake.HelloBytes];
        DataHandshake.WriteHello(
            hello,
            DataHandshake.KeyOf(secret, ClusterSecret.None),
            DataHandshake.ReadGreeting(greeting)
        );
        return hello;
    }

    private static async Task<TcpClient> ConnectAsync(DataEndpoint endpoint)
    {
        var client = new TcpClient();
        await client.ConnectAsync(endpoint.Host, endpoint.Port);
        return client;
    }

    private static async Task<long> ReadToEndAsync(TcpClient client)
    {
        var buffer = new byte[64 << 10];
        var total = 0L;
        try
        {
            while (await client.GetStream().ReadAsync(buffer) is > 0 and var read)
            {
                total += read;
            }
        }
        catch (IOException)
        {
            // A reset ends it as well.
        }

        return total;
    }
}
