using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using Air.Orleans.Core.DataPlane;

namespace Air.Orleans.Core.Tests.DataPlane;

/// <summary>Fetching by ranges, over ways that break.</summary>
public sealed class TransferTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);
    private readonly HeldBytes _source = new();

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(1 << 20)]
    [InlineData((1 << 20) + 1)]
    [InlineData(33 << 20)]
    public async Task Fetch_AContentOfAnyLength_ArrivesWhole(int length)
    {
        await using var host = await DataPlaneHost.StartAsync(_source);
        var bytes = HeldBytes.Noise(length);
        _source.Hold("a", bytes);

        var fetched = await host.FetchAsync("test:a");

        Assert.True(bytes.AsSpan().SequenceEqual(fetched));
        Assert.Equal(0, _source.Leases);
    }

    [Fact]
    public async Task Fetch_ManyOneAfterTheOther_UseTheSameConnection()
    {
        await using var host = await DataPlaneHost.StartAsync(_source);
        using var way = new BrokenWay(host.Endpoint);
        _source.Hold("a", HeldBytes.Noise(1000));

        for (var i = 0; i < 20; i++)
        {
            await host.FetchAsync("test:a", way.Endpoint);
        }

        Assert.Equal(1, way.Connections);
    }

    [Fact]
    public async Task Fetch_ConnectionsThatBreakAgainAndAgain_ResumesWithoutAWrongByte()
    {
        await using var host = await DataPlaneHost.StartAsync(_source);
        using var way = new BrokenWay(host.Endpoint);
        var bytes = HeldBytes.Noise(24 << 20);
        _source.Hold("a", bytes);
        long next = 2_500_000;
        way.OnBytes = (_, place) =>
        {
            // Every two and a half megabytes the connection that carries them breaks.
            var due = Interlocked.Read(ref next);
            return ValueTask.FromResult(
                place < due || Interlocked.CompareExchange(ref next, due + 2_500_000, due) != due
            );
        };

        var fetched = await host.FetchAsync("test:a", way.Endpoint).WaitAsync(Limit);

        Assert.True(bytes.AsSpan().SequenceEqual(fetched));
        Assert.True(way.Connections > 4, $"{way.Connections} connections");
        Assert.True(_source.Opened < 60, $"{_source.Opened} ranges were asked for");
    }

    [Fact]
    public async Task Fetch_AChangedByte_IsFetchedAgain()
    {
        await using var host = await DataPlaneHost.StartAsync(_source);
        using var way = new BrokenWay(host.Endpoint);
        var bytes = HeldBytes.Noise(8 << 20);
        _source.Hold("a", bytes);
        var changed = 0;
        way.OnBytes = (part, place) =>
        {
            if (place > 3 << 20 && part.Length > 10_000 && Interlocked.Exchange(ref changed, 1) == 0)
            {
                part.Span[5_000] ^= 1;
            }

            return ValueTask.FromResult(true);
        };

        var fetched = await host.FetchAsync("test:a", way.Endpoint).WaitAsync(Limit);

        Assert.Equal(1, changed);
        Assert.True(bytes.AsSpan().SequenceEqual(fetched));
    }

    [Fact]
    public async Task Fetch_AMachineThatChangesBytesEachTime_NamesKeyRangeAndSilo()
    {
        await using var host = await DataPlaneHost.StartAsync(_source);
        using var way = new BrokenWay(host.Endpoint);
        _source.Hold("a", HeldBytes.Noise(1 << 20));
        way.OnBytes = (part, _) =>
        {
            if (part.Length > 10_000)
            {
                part.Span[5_000] ^= 1;
            }

            return ValueTask.FromResult(true);
        };

        var error = await Assert.ThrowsAsync<AirException>(() =>
            host.FetchAsync("test:a", way.Endpoint).WaitAsync(Limit)
        );

        Assert.Contains("bytes 0 to 1048575 of 'test:a'", error.Message, StringComparison.Ordinal);
        Assert.Contains($"127.0.0.1:{way.Endpoint.Port}", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Get_AChangedByte_IsAnErrorAndNotAResult()
    {
        await using var host = await DataPlaneHost.StartAsync(_source);
        using var way = new BrokenWay(host.Endpoint);
        _source.Hold("a", HeldBytes.Noise(100_000));
        way.OnBytes = static (part, _) =>
        {
            if (part.Length > 10_000)
            {
                part.Span[5_000] ^= 1;
            }

            return ValueTask.FromResult(true);
        };

        var error = await Assert.ThrowsAsync<AirException>(() =>
            host.Client.GetAsync(
                way.Endpoint,
                "test:a",
                static async stream =>
                {
                    var bytes = new byte[100_000];
                    await stream.ReadExactlyAsync(bytes);
                    return bytes;
                },
                CancellationToken.None
            )
        );

        Assert.Contains("hash", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Fetch_ASiloThatFallsSilent_IsAnErrorInBoundedTime()
    {
        await using var host = await DataPlaneHost.StartAsync(_source);
        using var way = new BrokenWay(host.Endpoint);
        _source.Hold("a", HeldBytes.Noise(8 << 20));
        var silence = new TaskCompletionSource<bool>();
        way.OnBytes = (_, place) => place < 2 << 20 ? ValueTask.FromResult(true) : new ValueTask<bool>(silence.Task);
        var watch = Stopwatch.StartNew();

        var error = await Assert.ThrowsAsync<AirException>(() =>
            host.FetchAsync("test:a", way.Endpoint).WaitAsync(Limit)
        );

        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(20), $"{watch.Elapsed}");
        Assert.Contains("'test:a'", error.Message, StringComparison.Ordinal);
        silence.SetResult(false);
        Assert.True(await Polling.UntilAsync(() => _source.Leases == 0));
    }

    [Fact]
    public async Task Fetch_ASiloThatIsGone_IsAnErrorAtOnce()
    {
        await using var host = await DataPlaneHost.StartAsync(_source);
        using var way = new BrokenWay(host.Endpoint);
        _source.Hold("a", HeldBytes.Noise(16 << 20));
        way.OnBytes = (_, place) =>
        {
            if (place > 3 << 20)
            {
                way.Dispose();
                return ValueTask.FromResult(false);
            }

            return ValueTask.FromResult(true);
        };
        var watch = Stopwatch.StartNew();

        var error = await Assert.ThrowsAsync<AirException>(() =>
            host.FetchAsync("test:a", way.Endpoint).WaitAsync(Limit)
        );

        Assert.IsType<SocketException>(error.InnerException);
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(3), $"{watch.Elapsed}");
    }

    [Fact]
    public async Task Fetch_Cancelled_LeavesNothingBehind()
    {
        await using var host = await DataPlaneHost.StartAsync(_source);
        using var way = new BrokenWay(host.Endpoint);
        _source.Hold("a", HeldBytes.Noise(32 << 20));
        using var cancel = new CancellationTokenSource();
        var memory = new byte[32 << 20];
        way.OnBytes = (_, place) =>
        {
            if (place > 4 << 20)
            {
                cancel.Cancel();
            }

            return ValueTask.FromResult(true);
        };

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            host.Client.FetchAsync(
                way.Endpoint,
                "test:a",
                _ => ValueTask.FromResult<Memory<byte>>(memory),
                cancel.Token
            )
        );

        // Nobody writes there any more.
        Array.Clear(memory);
        Assert.True(await Polling.UntilAsync(() => _source.Leases == 0));
        Assert.True(await Polling.UntilAsync(() => host.Server.Connections == 0));
        Assert.Equal(-1, memory.AsSpan().IndexOfAnyExcept((byte)0));
    }

    [Fact]
    public async Task Fetch_ReserveThatFails_IsTheCallersError()
    {
        await using var host = await DataPlaneHost.StartAsync(_source);
        _source.Hold("a", HeldBytes.Noise(1 << 20));

        await Assert.ThrowsAsync<InsufficientMemoryException>(() =>
            host.Client.FetchAsync(
                host.Endpoint,
                "test:a",
                static _ => throw new InsufficientMemoryException(),
                CancellationToken.None
            )
        );

        Assert.True(await Polling.UntilAsync(() => _source.Leases == 0));
    }

    [Fact]
    public async Task Fetch_ContentThatIsReplacedMeanwhile_IsNeverMixed()
    {
        await using var host = await DataPlaneHost.StartAsync(_source);
        _source.Hold("a", HeldBytes.Noise(8 << 20, seed: 1), stamp: 1);
        _source.OnOpen = _ =>
        {
            if (_source.Opened == 3)
            {
                _source.Hold("a", HeldBytes.Noise(8 << 20, seed: 2), stamp: 2);
            }

            return Task.CompletedTask;
        };

        var error = await Assert.ThrowsAsync<AirException>(() => host.FetchAsync("test:a"));

        Assert.Contains("another content", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Put_AndRefusedPut_LeaveTheConnectionUsable()
    {
        await using var host = await DataPlaneHost.StartAsync(_source);
        var bytes = HeldBytes.Noise(3_000_000);

        var error = await Assert.ThrowsAsync<AirException>(() =>
            host.Client.PutAsync(host.Endpoint, "test:refused", bytes, CancellationToken.None)
        );
        await host.Client.PutAsync(host.Endpoint, "test:b", bytes, CancellationToken.None);

        Assert.Contains("there is no place for it", error.Message, StringComparison.Ordinal);
        Assert.Equal(bytes, _source.Find("b"));
        Assert.Equal(1, host.Server.Connections);
    }

    [Fact]
    public async Task Put_ToASiloThatLooksForRoomLongerThanASilenceMayLast_HearsWhyThereIsNone()
    {
        var limits = DataPlaneHost.Hasty with { Stall = TimeSpan.FromMilliseconds(200) };
        await using var host = await DataPlaneHost.StartAsync(_source, limits);
        _source.OnOpen = _ => Task.Delay(limits.Stall * 4);

        var error = await Assert.ThrowsAsync<BlockSpaceException>(() =>
            host.Client.PutAsync(host.Endpoint, "test:full", HeldBytes.Noise(30_000_000), CancellationToken.None)
        );

        Assert.Contains("there is no room for it", error.Message, StringComparison.Ordinal);
        Assert.Contains(host.Endpoint.Port.ToString(CultureInfo.InvariantCulture), error.Message);
    }

    [Fact]
    public async Task Fetch_BesideReadersThatDoNotRead_IsNotHeldUp()
    {
        var patient = DataPlaneHost.Hasty with
        {
            RangeBytes = 16 << 20,
            Stall = TimeSpan.FromSeconds(40),
            SlowPeer = TimeSpan.FromSeconds(40),
        };
        await using var host = await DataPlaneHost.StartAsync(_source, patient);
        using var way = new BrokenWay(host.Endpoint);
        _source.Hold("slow", HeldBytes.Noise(64 << 20));
        _source.Hold("fast", HeldBytes.Noise(8 << 20));
        var silence = new TaskCompletionSource<bool>();
        way.OnBytes = (part, _) => part.Length < 4096 ? ValueTask.FromResult(true) : new ValueTask<bool>(silence.Task);
        var slow = Enumerable
            .Range(0, 10)
            .Select(_ => Assert.ThrowsAsync<AirException>(() => host.FetchAsync("test:slow", way.Endpoint)))
            .ToList();
        Assert.True(await Polling.UntilAsync(() => _source.Leases >= 10));

        var watch = Stopwatch.StartNew();
        await host.FetchAsync("test:fast");

        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(5), $"{watch.Elapsed}");
        Assert.True(_source.Leases >= 10);
        way.Dispose();
        silence.SetResult(false);
        await Task.WhenAll(slow).WaitAsync(Limit);
        Assert.True(await Polling.UntilAsync(() => _source.Leases == 0));
    }

    [Theory]
    [InlineData(null, "one cluster secret of more than 32 characters")]
    [InlineData("one cluster secret of more than 32 characters", null)]
    [InlineData("one cluster secret of more than 32 characters", "another cluster secret of more than 32 characters")]
    public async Task Fetch_AnotherClusterSecret_IsRefused(string? silo, string? client)
    {
        await using var host = await DataPlaneHost.StartAsync(_source, secret: silo);
        _source.Hold("a", HeldBytes.Noise(10));
        using var stranger = DataPlaneHost.NewClient(secret: client);

        var error = await Assert.ThrowsAsync<AirException>(() =>
            stranger.FetchAsync(
                host.Endpoint,
                "test:a",
                static length => ValueTask.FromResult<Memory<byte>>(new byte[length]),
                CancellationToken.None
            )
        );

        Assert.Contains("wrong secret", error.Message, StringComparison.Ordinal);
        Assert.Equal(10, (await host.FetchAsync("test:a")).Length);
        Assert.Equal(1, _source.Opened);
    }

    [Fact]
    public void Endpoint_AsText_HoldsNoSecret() =>
        Assert.Equal("DataEndpoint { 127.0.0.1:5 }", new DataEndpoint("127.0.0.1", 5, "the secret").ToString());
}
