using Air.Orleans.Core;
using Npgsql;
using StackExchange.Redis;

namespace Air.Orleans.Cluster.Tests.Faults;

/// <summary>What a client is told, in one line, when the server of its cluster refuses.</summary>
public sealed class RefusedConnectionTests
{
    [RequiresFact(ServerKind.Redis)]
    public async Task Redis_PasswordMissing_SaysThatOneIsAskedForAndWhereItGoes()
    {
        await using var server = await RedisServer.StartAsync();
        var place = server.ConnectionString;
        await using (var connection = await ConnectionMultiplexer.ConnectAsync($"{place},allowAdmin=true"))
        {
            await connection.GetDatabase().ExecuteAsync("CONFIG", "SET", "requirepass", "xyzzy");
        }

        var error = await ConnectAsync($"redis://{place}");

        Assert.StartsWith($"Redis at {place} refused: it asks for a password", error, StringComparison.Ordinal);
        Assert.Contains("AIR_REDIS_PASSWORD", error, StringComparison.Ordinal);
    }

    [RequiresFact(ServerKind.PostgreSql)]
    public async Task PostgreSql_NoSuchDatabaseOrNotInitialised_SaysWhichAndWhatToDo()
    {
        await using var server = await PostgresServer.StartAsync();
        var place = $"127.0.0.1:{server.Ports[0]}";

        Assert.StartsWith(
            $"PostgreSQL at {place} refused: database \"nowhere\" does not exist (3D000)",
            await ConnectAsync($"postgresql://air@{place}/nowhere"),
            StringComparison.Ordinal
        );
        Assert.Contains(
            $"run 'air cluster init --cluster postgresql://air@{place}/air' once",
            await ConnectAsync($"postgresql://air@{place}/air"),
            StringComparison.Ordinal
        );
    }

    [RequiresFact(ServerKind.PostgreSql)]
    public async Task PostgreSql_NotInitialised_SiloEndsWithTheSameAdvice()
    {
        await using var server = await PostgresServer.StartAsync();
        var cluster = $"postgresql://air@127.0.0.1:{server.Ports[0]}/air";

        var error = await Assert.ThrowsAsync<InvalidOperationException>(() =>
            SiloProcess.StartAsync(cluster, "file:unused")
        );

        Assert.Contains($"run 'air cluster init --cluster {cluster}' once", error.Message, StringComparison.Ordinal);
    }

    [RequiresFact(ServerKind.PostgreSql)]
    public async Task PostgreSql_InitialisedByTwoAtOnceAndAgain_HasItsTablesOnce()
    {
        await using var server = await PostgresServer.StartAsync();
        var uri = ClusterUri.Parse($"postgresql://air@127.0.0.1:{server.Ports[0]}/air");
        var provider = ClusterProviders.ClusterOf(uri);

        await Task.WhenAll(
            provider.InitializeAsync(uri, CancellationToken.None),
            provider.InitializeAsync(uri, CancellationToken.None)
        );
        await provider.InitializeAsync(uri, CancellationToken.None);

        await provider.CheckAsync(uri, CancellationToken.None);
        await using var source = NpgsqlDataSource.Create(server.ConnectionString);
        await using var count = source.CreateCommand("SELECT count(*) - count(DISTINCT querykey) FROM orleansquery");
        Assert.Equal(0L, await count.ExecuteScalarAsync());
    }

    private static async Task<string> ConnectAsync(string cluster)
    {
        var error = await Assert.ThrowsAsync<AirException>(() => AirCluster.ConnectAsync(cluster));
        Assert.DoesNotContain('\n', error.Message);
        return error.Message;
    }
}
