using Air.Orleans.Core.Jobs;

namespace Air.Orleans.Core.Tests.Jobs;

public sealed class LogLinesTests
{
    [Theory]
    [InlineData("a\nb\n", "a", "b")]
    [InlineData("a\r\n\nb", "a", "", "b")]
    [InlineData("", new string[0])]
    [InlineData("0123456789ab\nc\n", "01234567", "c")]
    public async Task ReadAsync_Text_GivesItsLinesCutAtTheLongest(string text, params string[] lines) =>
        Assert.Equal(lines, await ReadAsync(new StringReader(text)));

    /// <summary>A program that never ends a line must not fill the silo's memory.</summary>
    [Fact]
    public async Task ReadAsync_HundredMillionCharactersWithoutALine_HoldsAFewOfThem()
    {
        var before = GC.GetAllocatedBytesForCurrentThread();

        Assert.Equal(["xxxxxxxx"], await ReadAsync(new EndlessLine(100_000_000)));

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1_000_000);
    }

    private static async Task<List<string>> ReadAsync(TextReader reader)
    {
        var lines = new List<string>();
        await foreach (var line in LogLines.ReadAsync(reader, longest: 8))
        {
            lines.Add(line);
        }

        return lines;
    }

    private sealed class EndlessLine(long length) : TextReader
    {
        private long _left = length;

        public override ValueTask<int> ReadAsync(Memory<char> buffer, CancellationToken cancellationToken = default)
        {
            var count = (int)Math.Min(_left, buffer.Length);
            buffer.Span[..count].Fill('x');
            _left -= count;
            return ValueTask.FromResult(count);
        }
    }
}
