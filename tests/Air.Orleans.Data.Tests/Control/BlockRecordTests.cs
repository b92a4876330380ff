using Air.Orleans.Data.Control;

namespace Air.Orleans.Data.Tests.Control;

public sealed class BlockRecordTests
{
    [Fact]
    public void Held_AgainWithTheSameRows_IsTakenAsTheSame()
    {
        var record = new BlockRecord(TimeProvider.System);

        record.Held("a/1", 10);
        record.Held("a/1", 10);

        Assert.Equal((10, true), (record.Rows, record.WasHeld));
    }

    [Fact]
    public void Held_AgainWithOtherRows_IsRefusedAndSaysWhatToDo()
    {
        var record = new BlockRecord(TimeProvider.System);
        record.Held("a/1", 10);

        var error = Assert.Throws<DatasetException>(() => record.Held("a/1", 9));

        Assert.Contains("had 10 rows", error.Message, StringComparison.Ordinal);
        Assert.Contains("seed what is random", error.Message, StringComparison.Ordinal);
    }
}
