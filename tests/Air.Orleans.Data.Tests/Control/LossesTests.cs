using Air.Orleans.Core;
using Air.Orleans.Data.Control;

namespace Air.Orleans.Data.Tests.Control;

public sealed class LossesTests
{
    [Fact]
    public void TryAdd_UpToTheLimit_IsFalseForTheLast()
    {
        var losses = new Losses("Block 'a/1'");

        var allowed = Enumerable
            .Range(0, Losses.Limit)
            .Select(_ => losses.TryAdd(new BlockLostException("gone"), out TimeSpan _));

        Assert.Equal([true, true, true, true, false], allowed.ToArray());
    }

    [Fact]
    public void TryAdd_OneAfterTheOther_WaitsLongerEachTime()
    {
        var losses = new Losses("Block 'a/1'");

        var pauses = Enumerable
            .Range(0, Losses.Limit)
            .Select(_ =>
            {
                losses.TryAdd(new BlockLostException("gone"), out var pause);
                return pause.TotalMilliseconds;
            });

        Assert.Equal([100, 200, 400, 800, 1000], pauses.ToArray());
    }

    [Fact]
    public void Error_OfSeveralLosses_NamesTheBlockAndEachCauseWithItsOwn()
    {
        var losses = new Losses("Block 'a/1'");
        losses.TryAdd(new BlockLostException("first", new IOException("connection refused")), out _);
        losses.TryAdd(new BlockLostException("second"), out _);

        var error = losses.Error();

        Assert.Contains("Block 'a/1' was lost 2 times", error.Message, StringComparison.Ordinal);
        Assert.Contains(
            "1. first ← IOException: connection refused; 2. second",
            error.Message,
            StringComparison.Ordinal
        );
        Assert.Equal(BlockFault.Lasting, BlockFaults.Of(error));
    }
}
