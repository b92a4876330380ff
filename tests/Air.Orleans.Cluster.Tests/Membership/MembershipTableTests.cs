using System.Collections.Concurrent;
using Air.Orleans.Core;
using Air.Orleans.Core.Clustering.Membership;
using Air.Orleans.Tests;

namespace Air.Orleans.Cluster.Tests.Membership;

[Requires(ServerKind.Redis)]
public sealed class RedisMembershipTests(SharedServer<RedisServer> redis)
    : MembershipTableConformance,
        IClassFixture<SharedServer<RedisServer>>
{
    protected override string Place => $"redis://{redis.Server.ConnectionString}";
}

[Requires(ServerKind.PostgreSql)]
public sealed class PostgreSqlMembershipTests(SharedServer<PostgresServer> postgres)
    : MembershipTableConformance,
        IClassFixture<SharedServer<PostgresServer>>
{
    protected override string Place => $"postgresql://air@127.0.0.1:{postgres.Server.Ports[0]}/air";
}

public sealed class FileMembershipTests : MembershipTableConformance
{
    private readonly TemporaryFolder _folder = new();

    protected override string Place => $"file:{_folder.Path}";

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        _folder.Dispose();
    }
}

public sealed class MemoryMembershipTests : MembershipTableConformance
{
    private readonly ConcurrentDictionary<string, MemoryMembershipTable> _tables = new();

    protected override string Place => "file:memory";

    public override Task InitializeAsync() => Task.CompletedTask;

    protected override Task<IMembershipTable> OpenAsync(ClusterUri uri) =>
        Task.FromResult<IMembershipTable>(_tables.GetOrAdd(uri.ClusterId, static _ => new()));
}
