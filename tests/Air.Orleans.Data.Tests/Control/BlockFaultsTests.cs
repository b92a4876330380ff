using Air.Orleans.Core;
using Air.Orleans.Data.Control;

namespace Air.Orleans.Data.Tests.Control;

public sealed class BlockFaultsTests
{
    public static TheoryData<Exception, string> Errors() =>
        new()
        {
            { new BlockLostException("gone"), nameof(BlockFault.Lost) },
            { new OperationCanceledException(), nameof(BlockFault.Lost) },
            { new ObjectDisposedException("slots"), nameof(BlockFault.Lost) },
            { new InsufficientMemoryException(), nameof(BlockFault.Lost) },
            { new TimeoutException(), nameof(BlockFault.Passing) },
            { new StorageException(StorageFault.Unavailable, "away"), nameof(BlockFault.Passing) },
            { new InvalidOperationException("of a runtime"), nameof(BlockFault.Passing) },
            { new DatasetException("bad cell"), nameof(BlockFault.Lasting) },
            { new ShippingException("not loaded"), nameof(BlockFault.Lasting) },
        };

    [Theory]
    [MemberData(nameof(Errors))]
    public void Of_AnError_SaysWhetherAnotherTryIsWorthIt(Exception error, string fault) =>
        Assert.Equal(fault, BlockFaults.Of(error).ToString());
}
