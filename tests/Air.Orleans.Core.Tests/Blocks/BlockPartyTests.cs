using System.Diagnostics;
using Air.Orleans.Core.Blocks.Arena;
using Air.Orleans.Tests;

namespace Air.Orleans.Core.Tests.Blocks;

public sealed class BlockPartyTests : IDisposable
{
    private readonly TemporaryFolder _root = new();

    private string Folder => BlockFolder.Of(_root.Path, "cluster", 1);

    public void Dispose() => _root.Dispose();

    [Fact]
    public void Sweep_ALivingParty_LeavesItsFiles()
    {
        using var party = BlockParty.Enter(Folder);
        File.WriteAllText(party.PathOf(".segment"), "x");

        BlockParty.Sweep(Folder);

        Assert.True(File.Exists(party.PathOf(".segment")));
        Assert.False(BlockParty.IsDead(party.PathOf(".segment")));
    }

    [Fact]
    public void Enter_WhereADeadPartyLeftFiles_RemovesThemInAllFoldersOfTheRoot()
    {
        var other = BlockFolder.Of(_root.Path, "other", 1);
        var dead = Guid.NewGuid().ToString("N");
        Directory.CreateDirectory(other);
        Directory.CreateDirectory(Folder);
        var (lockFile, segment) = (
            Path.Combine(other, $"{dead}.lock"),
            Path.Combine(Folder, $"{Guid.NewGuid():N}.segment")
        );
        File.WriteAllText(lockFile, "");
        File.WriteAllText(Path.Combine(other, $"{dead}.readers"), "x");
        Directory.CreateDirectory(Path.Combine(other, $"{dead}.blocks"));
        File.WriteAllText(Path.Combine(other, $"{dead}.blocks", "b"), "x");
        File.WriteAllText(segment, "x");

        using var party = BlockParty.Enter(Folder);

        Assert.False(Directory.Exists(other));
        Assert.False(File.Exists(segment));
    }

    [Fact]
    public void Enter_AFolderWithFilesOfOthers_LeavesThem()
    {
        var mine = Directory.CreateDirectory(Path.Combine(_root.Path, "mine")).FullName;
        File.WriteAllText(Path.Combine(mine, $"{Guid.NewGuid():N}.segment"), "x");
        Directory.CreateDirectory(Folder);
        File.WriteAllText(Path.Combine(Folder, "notes.txt"), "x");

        BlockParty.Enter(Folder).Dispose();

        Assert.Single(Directory.GetFiles(mine));
        Assert.True(File.Exists(Path.Combine(Folder, "notes.txt")));
    }

    [Fact]
    public void Dispose_OfTheLastParty_LeavesNothingInTheRoot()
    {
        var party = BlockParty.Enter(Folder);
        File.WriteAllText(party.PathOf(".segment"), "x");

        party.Dispose();

        Assert.Empty(Directory.EnumerateFileSystemEntries(_root.Path));
    }

    [Fact]
    public void Enter_AFolderThatOthersMayWrite_IsRefused()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        Directory.CreateDirectory(Folder);
        File.SetUnixFileMode(
            Folder,
            UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.OtherWrite
        );
        File.WriteAllText(Path.Combine(Folder, "strange"), "");

        var error = Assert.Throws<AirException>(() => BlockParty.Enter(Folder));

        Assert.Contains("chmod 700", error.Message);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Enter_AFolderThatIsALink_IsRefused(bool isRoot)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        var root = Path.Combine(_root.Path, "blocks");
        var folder = BlockFolder.Of(root, "cluster", 1);
        var target = Directory.CreateDirectory(Path.Combine(_root.Path, "target")).FullName;
        if (!isRoot)
        {
            Directory.CreateDirectory(root);
        }

        Directory.CreateSymbolicLink(isRoot ? root : folder, target);

        var error = Assert.Throws<AirException>(() => BlockParty.Enter(folder));

        Assert.Contains("is a link", error.Message);
        Assert.Empty(Directory.GetFileSystemEntries(target, "*.lock"));
    }

    [RootTheory]
    [InlineData(true)]
    [InlineData(false)]
    public void Enter_AFolderOfAnotherUser_IsRefusedAndSaysWhose(bool isRoot)
    {
        var root = Path.Combine(_root.Path, "blocks");
        var folder = BlockFolder.Of(root, "cluster", 1);
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, "strange"), "");
        using (var chown = Process.Start("chown", ["12345", isRoot ? root : folder]))
        {
            chown.WaitForExit();
        }

        var error = Assert.Throws<AirException>(() => BlockParty.Enter(folder));

        Assert.Contains("12345", error.Message);
        Assert.Contains("--block-folder", error.Message);
    }

    [Fact]
    public void Enter_ARootThatAllMayWriteButNobodyTakesAway_IsTaken()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        var root = Directory.CreateDirectory(Path.Combine(_root.Path, "shared")).FullName;
        const UnixFileMode All = (UnixFileMode)0b111_111_111;
        File.SetUnixFileMode(root, All);
        Assert.Throws<AirException>(() => BlockParty.Enter(BlockFolder.Of(root, "cluster", 1)));

        File.SetUnixFileMode(root, All | UnixFileMode.StickyBit);

        BlockParty.Enter(BlockFolder.Of(root, "cluster", 1)).Dispose();
    }

    /// <summary>Only root can give a folder to another user.</summary>
    private sealed class RootTheoryAttribute : TheoryAttribute
    {
        public RootTheoryAttribute() =>
            Skip =
                OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess ? null : "only root may give files away";
    }
}
