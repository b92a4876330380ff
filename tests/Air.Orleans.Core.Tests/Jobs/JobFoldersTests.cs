using Air.Orleans.Core.Jobs;
using Air.Orleans.Core.Shipping.Code;
using Air.Orleans.Tests;
using Microsoft.Extensions.Logging.Abstractions;

namespace Air.Orleans.Core.Tests.Jobs;

public sealed class JobFoldersTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly ServiceProvider _services = new ServiceCollection().BuildServiceProvider();

    public void Dispose()
    {
        _services.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void Sweep_BesideASiloThatLives_RemovesOnlyWhatNobodyHolds()
    {
        using var alive = New();
        using var starting = New();
        var used = Directory.CreateDirectory(alive.Of("night", 1)).FullName;
        var left = Directory.CreateDirectory(Path.Combine(_folder.Path, "jobs", "dead", "night.1")).FullName;
        File.WriteAllText(Path.Combine(_folder.Path, "jobs", "dead.lock"), "");

        Assert.Equal(1, starting.Sweep());

        Assert.True(Directory.Exists(used));
        Assert.False(Directory.Exists(left));
        Assert.Equal(2, Directory.GetFileSystemEntries(Path.Combine(_folder.Path, "jobs")).Length);
    }

    [Fact]
    public void Dispose_OfASiloThatStops_LeavesNothing()
    {
        var folders = New();
        Directory.CreateDirectory(folders.Of("night", 1));

        folders.Dispose();

        Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(_folder.Path, "jobs")));
    }

    private JobFolders New() =>
        new(
            new CodeFolder(
                new AirOptions { CodeFolder = _folder.Path },
                new CodeStorage(_services),
                TimeProvider.System
            ),
            NullLogger<JobFolders>.Instance
        );
}
