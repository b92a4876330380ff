using System.IO.Hashing;
using Air.Orleans.Core.Blocks;
using Air.Orleans.Core.Blocks.Arena;
using Air.Orleans.Tests;

namespace Air.Orleans.Core.Tests.Blocks;

public sealed class SpillFilesTests : IDisposable
{
    private readonly TemporaryFolder _root = new();
    private readonly Guid _id = Guid.NewGuid();

    private string Folder => BlockFolder.OfSpill(_root.Path, "cluster");

    public void Dispose() => _root.Dispose();

    /// <summary>A block is freed and put anew under its id while a thread still writes the earlier one to disk.</summary>
    [Fact]
    public void Write_OfAnEarlierBlockOfTheSameId_LeavesTheLaterOnesFile()
    {
        using var files = new SpillFiles(Folder);
        var (earlier, later) = (Content(1), Content(2));
        files.Write(_id, 2, later, XxHash128.HashToUInt128(later));

        files.Write(_id, 1, earlier, XxHash128.HashToUInt128(earlier));
        files.Delete(_id, 1);

        var read = new byte[later.Length];
        Assert.Null(files.Read(_id, 2, read, XxHash128.HashToUInt128(later)));
        Assert.Equal(later, read);
    }

    [Fact]
    public void Enter_WhereADeadProcessLeftSpilledBlocks_RemovesThem()
    {
        var other = new SpillFiles(Folder);
        other.Write(_id, 1, Content(1), 0);
        var left = Directory.GetFiles(Folder, "*.block", SearchOption.AllDirectories).Single();
        var copy = Path.Combine(Folder, $"{Guid.NewGuid():N}.blocks", Path.GetFileName(left));
        Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
        File.Copy(left, copy);

        using var living = new SpillFiles(Folder);
        living.Write(_id, 1, Content(2), 0);

        Assert.False(File.Exists(copy));
        Assert.Equal(2, Directory.GetFiles(Folder, "*.block", SearchOption.AllDirectories).Length);
        other.Dispose();
        Assert.Single(Directory.GetFiles(Folder, "*.block", SearchOption.AllDirectories));
    }

    private static byte[] Content(int seed)
    {
        var content = new byte[10_000];
        new Random(seed).NextBytes(content);
        return content;
    }
}
