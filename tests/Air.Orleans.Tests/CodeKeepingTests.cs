using System.Security.Cryptography;
using Air.Orleans.Core.Checkpoints;
using Air.Orleans.Core.Shipping.Code;
using Air.Orleans.Core.Shipping.Grains;
using Microsoft.Extensions.DependencyInjection;

namespace Air.Orleans.Tests;

/// <summary>Bundles in the storage and in a silo's folder.</summary>
public sealed class CodeKeepingTests : IAsyncLifetime
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    private readonly TemporaryFolder _folder = new();
    private AirCluster _air = null!;

    private ICodeBookGrain Book => _air.Services.GetRequiredService<IGrainFactory>().GetGrain<ICodeBookGrain>(0);

    private CodeSender Sender => _air.Services.GetRequiredService<CodeSender>();

    private string CodeFolder => Path.Combine(_folder.Path, "code");

    public async Task InitializeAsync() =>
        _air = await AirCluster.StartLocalAsync(
            new()
            {
                StorageFolder = Path.Combine(_folder.Path, "storage"),
                CodeFolder = CodeFolder,
                HttpPort = null,
            }
        );

    public async Task DisposeAsync()
    {
        await _air.DisposeAsync();
        _folder.Dispose();
    }

    /// <summary>What a bundle shares with one that is deleted must be there when it is said to be kept.</summary>
    [Fact]
    public async Task Commit_WhileABundleWithTheSamePartsIsDeleted_IsWholeOrRefused()
    {
        for (var round = 0; round < 20; round++)
        {
            var shared = File("shared");
            var (first, second) = (Bundle(shared, File("first")), Bundle(shared, File("second")));
            await Sender.SendAsync(first, CancellationToken.None);
            await Book.BeginAsync(second.Manifest);
            await WriteAsync(second);

            var commit = Book.CommitAsync(second.Manifest);
            var delete = Book.DeleteAsync(first.Hash);
            await delete.WaitAsync(Limit);
            await ((Task)commit).ConfigureAwait(
                ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext
            );

            Assert.Equal(commit.IsCompletedSuccessfully, (await Missing(second)).Length == 0);
            Assert.Equal(commit.IsCompletedSuccessfully, await Book.GetAsync(second.Hash) is not null);
        }
    }

    [Fact]
    public async Task CopyTo_ThatIsCancelled_StopsBetweenFilesAndLeavesNoDraft()
    {
        var bundle = Bundle(File("one"), File("two"));
        await Sender.SendAsync(bundle, CancellationToken.None);
        var code = _air.Services.GetRequiredService<CodeFolder>();
        var target = Path.Combine(_folder.Path, "target");
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();

        Assert.ThrowsAny<OperationCanceledException>(() =>
            code.CopyTo(bundle.Hash, bundle.Manifest, target, cancelled.Token)
        );
        Assert.Empty(Directory.GetFileSystemEntries(CodeFolder));
        Assert.False(Directory.Exists(target));

        code.CopyTo(bundle.Hash, bundle.Manifest, target, CancellationToken.None);
        Assert.Equal(2, Directory.GetFiles(target).Length);
    }

    [Fact]
    public async Task Send_WhileCheckpointsHaveAllTheirThreads_DoesNotWait()
    {
        var threads = _air.Services.GetRequiredService<CheckpointThreads>();
        using var ending = new ManualResetEventSlim();
        var busy = Enumerable
            .Range(0, CheckpointThreads.Parallelism)
            .Select(_ => threads.RunAsync("waits", _ => ending.Wait(Limit), CancellationToken.None))
            .ToList();

        var sent = await Sender.SendAsync(Bundle(File("free")), CancellationToken.None).WaitAsync(Limit / 2);

        Assert.True(sent > 0);
        Assert.All(busy, static task => Assert.False(task.IsCompleted));
        ending.Set();
        await Task.WhenAll(busy);
    }

    private string File(string name)
    {
        var path = Path.Combine(_folder.Path, $"{name}-{Guid.NewGuid():N}");
        System.IO.File.WriteAllBytes(path, RandomNumberGenerator.GetBytes(100));
        return path;
    }

    private static CodeBundle Bundle(params string[] files) =>
        CodeBundle.Of("code", files.ToDictionary(static file => Path.GetFileName(file)));

    private Task WriteAsync(CodeBundle bundle)
    {
        var storage = _air.Services.GetRequiredService<CodeStorage>();
        return Task.WhenAll(
            bundle.Manifest.Files.Select(file => storage.WriteAsync(file.Parts[0], bundle.Read(file, 0)))
        );
    }

    private async Task<string[]> Missing(CodeBundle bundle)
    {
        var storage = _air.Services.GetRequiredService<CodeStorage>();
        var lengths = await Task.WhenAll(
            bundle.Manifest.Files.Select(async file => (file, await storage.ReadLengthAsync(file.Parts[0])))
        );
        return [.. lengths.Where(static it => it.Item2 is null).Select(static it => it.file.Path)];
    }
}
