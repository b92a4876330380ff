using Air.Orleans.Core.Blocks.Control;

namespace Air.Orleans.Core.Tests.Blocks.Control;

public sealed class ArenaAllocatorTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Allocate_AndFreeAtRandom_NeverOverlapsAndComesTogetherAgain(int seed)
    {
        const long Start = 4096;
        const long Length = 1 << 20;
        var random = new Random(seed);
        var allocator = new ArenaAllocator(Start, Length);
        var taken = new List<(long Offset, long Length)>();
        for (var step = 0; step < 20_000; step++)
        {
            if (taken.Count > 0 && random.Next(2) == 0)
            {
                var index = random.Next(taken.Count);
                allocator.Free(taken[index].Offset, taken[index].Length);
                taken[index] = taken[^1];
                taken.RemoveAt(taken.Count - 1);
            }
            else
            {
                var length = random.Next(1, 20_000);
                if (allocator.Allocate(length) is { } offset)
                {
                    taken.Add((offset, length));
                }
                else
                {
                    Assert.True(allocator.LongestFree < length);
                }
            }
        }

        var inOrder = taken.OrderBy(static range => range.Offset).ToList();
        Assert.All(inOrder, static range => Assert.Equal(0, range.Offset % ArenaAllocator.Grain));
        Assert.All(
            inOrder.Zip(inOrder.Skip(1)),
            static pair => Assert.True(pair.First.Offset + pair.First.Length <= pair.Second.Offset)
        );
        Assert.Equal(taken.Sum(static range => ArenaAllocator.Rounded(range.Length)), allocator.UsedBytes);
        taken.ForEach(range => allocator.Free(range.Offset, range.Length));
        Assert.Equal(Length, allocator.LongestFree);
    }

    [Fact]
    public void Allocate_AfterFree_TakesTheMemoryThatWasUsed()
    {
        var allocator = new ArenaAllocator(0, 1 << 20);
        var first = allocator.Allocate(1000)!.Value;
        allocator.Allocate(1000);
        allocator.Free(first, 1000);

        Assert.Equal(first, allocator.Allocate(900));
    }

    [Fact]
    public void Cut_AndExtend_GiveOutOnlyWhatIsThere()
    {
        var allocator = new ArenaAllocator(0, 10 * 64);
        allocator.Allocate(2 * 64);

        allocator.Cut(4 * 64);

        Assert.Null(allocator.Allocate(3 * 64));
        Assert.Equal(4 * 64, allocator.CapacityBytes);
        allocator.Extend(6 * 64);
        Assert.Equal(2 * 64, allocator.Allocate(4 * 64));
        Assert.Equal(0, allocator.FreeBytes);
    }
}
