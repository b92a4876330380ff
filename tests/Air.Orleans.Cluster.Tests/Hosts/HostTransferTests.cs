using System.Diagnostics;
using System.Net.Sockets;
using Air.Orleans.Core;
using Air.Orleans.Core.DataPlane;
using Air.Orleans.Core.Security;
using Air.Orleans.Core.Tests.DataPlane;

namespace Air.Orleans.Cluster.Tests.Hosts;

/// <summary>Transfers from another host, over links that are slow or break, and from a process that is killed.</summary>
[Collection("network hosts")]
public sealed class HostTransferTests : IAsyncLifetime
{
    private const int Megabytes = 48;
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    private readonly DataClient _client = new(
        ClusterTls.Off,
        ClusterSecret.None,
        new DataLimits
        {
            Stall = TimeSpan.FromSeconds(2),
            Connect = TimeSpan.FromSeconds(2),
            Patience = TimeSpan.FromSeconds(15),
        },
        TimeProvider.System
    );
    private readonly byte[] _content = HeldBytes.Noise(Megabytes << 20);
    private NetworkHosts? _hosts;

    private NetworkHosts Hosts => _hosts!;

    public async Task InitializeAsync()
    {
        if (ServerPrograms.IsInstalled(ServerKind.NetworkNamespaces))
        {
            _hosts = await NetworkHosts.StartAsync(1);
        }
    }

    public async Task DisposeAsync()
    {
        _client.Dispose();
        if (_hosts is not null)
        {
            await _hosts.DisposeAsync();
        }
    }

    [RequiresFact(ServerKind.NetworkNamespaces)]
    public async Task Fetch_OverASlowLink_ArrivesWhole()
    {
        await using var holder = await DataHolderProcess.StartAsync(Hosts[0], Megabytes);
        await Hosts[0].LimitAsync("160mbit");
        var watch = Stopwatch.StartNew();

        var fetched = await FetchAsync(holder);

        Assert.True(_content.AsSpan().SequenceEqual(fetched));
        Assert.True(watch.Elapsed > TimeSpan.FromSeconds(2), $"The link was not slow: {watch.Elapsed}");
    }

    [RequiresFact(ServerKind.NetworkNamespaces)]
    public async Task Fetch_LinkDownAndUpAgain_ResumesWithoutAWrongByte()
    {
        await using var holder = await DataHolderProcess.StartAsync(Hosts[0], Megabytes);
        await Hosts[0].LimitAsync("200mbit");
        using var received = new ReceivedBytes(8 << 20);
        var fetching = FetchAsync(holder);
        await received.Reached.WaitAsync(Limit);

        await Hosts[0].SetLinkAsync(isUp: false);
        Assert.False(fetching.IsCompleted);
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(5));
        await timer.WaitForNextTickAsync(CancellationToken.None);
        Assert.False(fetching.IsCompleted);
        await Hosts[0].SetLinkAsync(isUp: true);

        Assert.Equal(_content, await fetching);
    }

    [RequiresFact(ServerKind.NetworkNamespaces)]
    public async Task Fetch_LinkDownForGood_IsAnErrorInBoundedTimeThatSaysWhat()
    {
        await using var holder = await DataHolderProcess.StartAsync(Hosts[0], Megabytes);
        await Hosts[0].LimitAsync("200mbit");
        using var received = new ReceivedBytes(8 << 20);
        var fetching = FetchAsync(holder);
        await received.Reached.WaitAsync(Limit);

        await Hosts[0].SetLinkAsync(isUp: false);
        var watch = Stopwatch.StartNew();
        var error = await Assert.ThrowsAsync<AirException>(() => fetching);

        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(40), $"{watch.Elapsed}");
        Assert.Contains("'test:a'", error.Message, StringComparison.Ordinal);
        Assert.Contains(Hosts[0].Address.ToString(), error.Message, StringComparison.Ordinal);
    }

    [RequiresFact(ServerKind.NetworkNamespaces)]
    public async Task Fetch_KilledSender_IsAnErrorAtOnce()
    {
        await using var holder = await DataHolderProcess.StartAsync(Hosts[0], Megabytes);
        await Hosts[0].LimitAsync("200mbit");
        using var received = new ReceivedBytes(8 << 20);
        var fetching = FetchAsync(holder);
        await received.Reached.WaitAsync(Limit);

        holder.Kill();
        var watch = Stopwatch.StartNew();
        var error = await Assert.ThrowsAsync<AirException>(() => fetching);

        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(10), $"{watch.Elapsed}");
        Assert.IsType<SocketException>(error.InnerException);
    }

    private async Task<byte[]> FetchAsync(DataHolderProcess holder)
    {
        var bytes = Array.Empty<byte>();
        await _client
            .FetchAsync(
                holder.Endpoint,
                "test:a",
                length => ValueTask.FromResult<Memory<byte>>(bytes = new byte[length]),
                CancellationToken.None
            )
            .WaitAsync(Limit);
        return bytes;
    }
}
