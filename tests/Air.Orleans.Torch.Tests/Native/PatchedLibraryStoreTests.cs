using Air.Orleans.Torch.Native;

namespace Air.Orleans.Torch.Tests.Native;

public sealed class PatchedLibraryStoreTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("air-store-");
    private readonly PatchedLibraryStore store = new("lib-1.0", "lib.so");
    private readonly byte[] content = [.. Enumerable.Range(0, 100_000).Select(i => (byte)(i * 7))];

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public void Store_OtherContent_LiesElsewhere()
    {
        var first = store.Store(folder.FullName, content);
        var second = store.Store(folder.FullName, [1, 2, 3]);

        Assert.NotEqual(first, second);
        Assert.Equal(content, File.ReadAllBytes(first));
        Assert.Equal([1, 2, 3], File.ReadAllBytes(second));
        Assert.Contains("lib-1.0-", first, StringComparison.Ordinal);
    }

    [Fact]
    public void Store_FileDamaged_IsReplaced()
    {
        var path = store.Store(folder.FullName, content);
        File.WriteAllBytes(path, [9]);

        Assert.Equal(path, store.Store(folder.FullName, content));

        Assert.Equal(content, File.ReadAllBytes(path));
    }

    [Fact]
    public void Store_ManyAtOnce_GiveOneWholeFile()
    {
        var paths = new string[16];

        Parallel.For(
            0,
            paths.Length,
            new ParallelOptions { MaxDegreeOfParallelism = 16 },
            i =>
            {
                paths[i] = store.Store(folder.FullName, content);
                Assert.Equal(content, File.ReadAllBytes(paths[i]));
            }
        );

        Assert.Single(paths.Distinct());
        Assert.Single(Directory.GetFiles(Path.GetDirectoryName(paths[0])!));
    }

    [Fact]
    public void LoadFirst_FolderCannotBeWritten_UsesTheNext()
    {
        var blocked = Path.Combine(folder.FullName, "file");
        File.WriteAllText(blocked, "not a folder");
        var good = Path.Combine(folder.FullName, "good");

        var (path, handle) = store.LoadFirst([blocked, good], content, Succeed);

        Assert.Equal(42, handle);
        Assert.StartsWith(good, path, StringComparison.Ordinal);
        Assert.True(File.Exists(path));
    }

    [Fact]
    public void LoadFirst_NoFolder_LoadsFromATemporaryOneAndRemovesIt()
    {
        var seen = "";

        var (path, handle) = store.LoadFirst([], content, Note);

        Assert.Equal(42, handle);
        Assert.Equal(path, seen);
        Assert.False(File.Exists(path));

        nint Note(string loaded, out Exception? error)
        {
            seen = loaded;
            Assert.Equal(content, File.ReadAllBytes(loaded));
            return Succeed(loaded, out error);
        }
    }

    [Fact]
    public void LoadFirst_NothingLoads_NamesEveryFolderAndReason()
    {
        var error = Assert.Throws<TorchNativeException>(() => store.LoadFirst([folder.FullName], content, Fail));

        Assert.Contains(folder.FullName, error.Message, StringComparison.Ordinal);
        Assert.Contains("no exec here", error.Message, StringComparison.Ordinal);
        Assert.Contains("XDG_CACHE_HOME", error.Message, StringComparison.Ordinal);
    }

    private static nint Succeed(string path, out Exception? error)
    {
        error = null;
        return 42;
    }

    private static nint Fail(string path, out Exception? error)
    {
        error = new DllNotFoundException("no exec here");
        return 0;
    }
}
