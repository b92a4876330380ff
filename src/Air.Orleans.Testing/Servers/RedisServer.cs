using System.Diagnostics;

namespace Air.Orleans.Testing.Servers;

/// <summary>A Redis server of a test's own, which writes each change to its append-only file. Not thread-safe.</summary>
public sealed class RedisServer : TestServer, ITestServer<RedisServer>
{
    private RedisServer()
        : base(ports: 1) { }

    /// <inheritdoc/>
    public override ServerKind Kind => ServerKind.Redis;

    /// <summary>"127.0.0.1:port".</summary>
    public override string ConnectionString => $"127.0.0.1:{Ports[0]}";

    /// <summary>Starts one and waits until it answers.</summary>
    /// <exception cref="FileNotFoundException">redis-server is not installed.</exception>
    /// <exception cref="InvalidOperationException">It does not come up within 60 seconds; the message holds its output.</exception>
    public static async Task<RedisServer> StartAsync(CancellationToken cancellationToken = default)
    {
        var server = new RedisServer();
        await server.BeginAsync(cancellationToken);
        return server;
    }

    private protected override IReadOnlyList<string> ReadyLines { get; } = ["Ready to accept connections"];

    private protected override ProcessStartInfo Command() =>
        new(ServerPrograms.Path(Kind, "redis-server"))
        {
            ArgumentList =
            {
                "--bind",
                "127.0.0.1",
                "--port",
                $"{Ports[0]}",
                "--dir",
                Folder,
                "--save",
                "",
                "--appendonly",
                "yes",
            },
        };
}
