using System.Net.Sockets;

namespace Air.Orleans.Storage.Tests.Servers;

public sealed class TestServerTests
{
    [RequiresFact(ServerKind.Redis)]
    public Task Redis_KilledAndRestarted_AnswersOnTheSamePorts() => KilledAndRestartedAsync<RedisServer>();

    [RequiresFact(ServerKind.PostgreSql)]
    public Task Postgres_KilledAndRestarted_AnswersOnTheSamePorts() => KilledAndRestartedAsync<PostgresServer>();

    [RequiresFact(ServerKind.Azurite)]
    public Task Azurite_KilledAndRestarted_AnswersOnTheSamePorts() => KilledAndRestartedAsync<AzuriteServer>();

    [RequiresFact(ServerKind.Redis)]
    public async Task Redis_TwoAtOnce_HaveTheirOwnPorts()
    {
        await using var one = await RedisServer.StartAsync();
        await using var two = await RedisServer.StartAsync();

        Assert.NotEqual(one.ConnectionString, two.ConnectionString);
    }

    private static async Task KilledAndRestartedAsync<TServer>()
        where TServer : TestServer, ITestServer<TServer>
    {
        await using var server = await TServer.StartAsync();
        var ports = server.Ports;
        foreach (var port in ports)
        {
            await ConnectAsync(port);
        }

        server.Kill();
        foreach (var port in ports)
        {
            await Assert.ThrowsAsync<SocketException>(() => ConnectAsync(port));
        }

        await server.RestartAsync();
        foreach (var port in ports)
        {
            await ConnectAsync(port);
        }

        Assert.Equal(ports, server.Ports);
    }

    private static async Task ConnectAsync(int port)
    {
        using var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", port);
    }
}
