namespace Air.Orleans.Core.Tests.DataPlane;

/// <summary>What a transfer costs in managed memory; alone, as others allocate too.</summary>
[Collection("transfer memory")]
public sealed class TransferMemoryTests
{
    private readonly HeldBytes _source = new();

    [Fact]
    public async Task Fetch_OfALargeContent_AllocatesNoBytePerByte()
    {
        await using var host = await DataPlaneHost.StartAsync(_source);
        const int Length = 128 << 20;
        _source.Hold("a", HeldBytes.Noise(Length));
        var memory = new byte[Length];
        await FetchAsync();

        var before = GC.GetTotalAllocatedBytes(precise: true);
        await FetchAsync();
        var allocated = GC.GetTotalAllocatedBytes(precise: true) - before;

        // Both ends are in this process.
        Assert.True(allocated < Length / 20, $"{allocated} bytes for {Length}");

        Task FetchAsync() =>
            host.Client.FetchAsync(
                host.Endpoint,
                "test:a",
                _ => ValueTask.FromResult<Memory<byte>>(memory),
                CancellationToken.None
            );
    }
}

/// <summary>Tests that count what the process allocates or keeps run beside no others.</summary>
[CollectionDefinition("transfer memory", DisableParallelization = true)]
public sealed class TransferMemoryCollection;
