using Air.Orleans.Core.Shipping.Code;
using Air.Orleans.Core.Shipping.Control;

namespace Air.Orleans.Core.Tests.Shipping;

public sealed class CodeBookTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly CodeBook _book = new();

    [Fact]
    public void MissingOf_FilesThatAnotherBundleHas_AreNotAskedFor()
    {
        Add("a", File("shared", 1), File("own", 2));

        var missing = _book.MissingOf(new CodeManifest("b", [File("moved/shared", 1), File("new", 3)]));

        Assert.Equal([Part(3)], missing);
    }

    [Fact]
    public void Remove_OfOneOfTwo_KeepsWhatTheOtherHas()
    {
        var first = Add("a", File("shared", 1), File("own", 2));
        Add("b", File("shared", 1));

        Assert.Equal([Part(2)], _book.Remove(first));
    }

    [Fact]
    public void Remove_WhatAJobNeeds_IsRefusedByItsName()
    {
        var hash = Add("a", File("x", 1));
        _book.Pin(hash, "job 'night'", Start);

        Assert.Contains("job 'night'", Assert.Throws<AirException>(() => _book.Remove(hash)).Message);
        _book.Unpin(hash, "job 'night'", Start);
        Assert.Equal([Part(1)], _book.Remove(hash));
    }

    [Fact]
    public void Abandoned_UploadOfADay_GivesWhatNoOtherNeedsOneAfterAnother()
    {
        Add("kept", File("x", 1));
        Begin("given up", Start, File("x", 1), File("y", 2), File("z", 3));
        Begin("given up too", Start, File("z", 3), File("z4", 4));
        var open = Begin("under way", Start.AddHours(1), File("y4", 4), File("y5", 5));
        var later = Start + CodeBook.UploadPatience;

        Assert.Null(_book.Abandoned(later.AddSeconds(-1)));
        List<string[]> found = [];
        while (_book.Abandoned(later) is (var hash, var parts))
        {
            found.Add(parts);
            _book.Drop(hash);
        }

        Assert.Equal(
            [
                [Part(2)],
                [Part(3)],
            ],
            found
        );
        _book.Add(open.Hash(), open, later);
        Assert.Null(_book.Abandoned(later.AddDays(7)));
    }

    [Fact]
    public void Abandoned_DeletionThatDidNotEnd_IsFoundAtOnce()
    {
        var hash = Add("a", File("x", 1));

        _book.Remove(hash);

        Assert.Equal([Part(1)], _book.Abandoned(Start)!.Value.Parts);
        _book.Drop(hash);
        Assert.Null(_book.Abandoned(Start));
    }

    [Fact]
    public void Remove_WhileAnotherWithItsPartsIsSent_LeavesThem()
    {
        Begin("comes", Start, File("x", 1));
        var hash = Add("a", File("y", 1), File("z", 2));

        Assert.Equal([Part(2)], _book.Remove(hash));
    }

    [Fact]
    public void Unused_ByAge_LeavesWhatIsUsedPinnedOrOfAnOpenRun()
    {
        var used = Add("used", File("x", 1));
        var pinned = Add("pinned", File("x", 2));
        var idle = Add("idle", File("x", 3));
        _book.Pin(pinned, "job 'night'", Start);
        var later = Start + CodeBook.KeptUnused;
        _book.Touch(used, later);

        Assert.Equal([idle], _book.Unused(later, null));
        Assert.Empty(_book.Unused(later, Start));
        Assert.Equal([idle], _book.Unused(later, Start.AddDays(1)));
        Assert.Empty(_book.Unused(later.AddSeconds(-1), null));
    }

    [Theory]
    [InlineData("../up.dll")]
    [InlineData("/etc/passwd")]
    [InlineData("a//b")]
    [InlineData("a/./b")]
    [InlineData("C:\\x.dll")]
    [InlineData("a\0b")]
    [InlineData("")]
    public void Fault_NameThatLeadsElsewhere_IsTold(string path) =>
        Assert.Contains("leads out of its folder", new CodeManifest("a", [File(path, 1)]).Fault());

    [Fact]
    public void Fault_SameNameTwiceOrNoFiles_IsTold()
    {
        Assert.NotNull(new CodeManifest("a", [File("x.dll", 1), File("X.dll", 2)]).Fault());
        Assert.NotNull(new CodeManifest("a", []).Fault());
        Assert.Null(new CodeManifest("a", [File("x.dll", 1), File("runtimes/linux-x64/native/libx.so", 2)]).Fault());
    }

    [Fact]
    public void Hash_SameFilesInAnotherOrder_IsTheSame()
    {
        var one = new CodeManifest("a", [File("x", 1), File("y", 2)]);
        var other = new CodeManifest("b", [File("y", 2), File("x", 1)]);

        Assert.Equal(one.Hash(), other.Hash());
        Assert.NotEqual(one.Hash(), new CodeManifest("a", [File("x", 1), File("z", 2)]).Hash());
    }

    private CodeManifest Begin(string name, DateTimeOffset now, params CodeFile[] files)
    {
        var manifest = new CodeManifest(name, files);
        _book.Begin(manifest.Hash(), manifest, now);
        return manifest;
    }

    private string Add(string name, params CodeFile[] files)
    {
        var manifest = new CodeManifest(name, files);
        _book.Add(manifest.Hash(), manifest, Start);
        return manifest.Hash();
    }

    private static string Part(int content) => content.ToString("x64");

    private static CodeFile File(string path, int content) => new(path, 10, Part(content), [Part(content)]);
}
