using System.Diagnostics;

namespace Air.Orleans.Storage.Tests.Files;

/// <summary>A disk of its own with little room, in memory; needs the right to mount.</summary>
internal sealed class SmallDisk : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("air-disk-").FullName;

    private SmallDisk() { }

    /// <summary>Why there can be none; null where there can.</summary>
    public static string? SkipReason { get; } = WhyNot();

    public string Folder => _folder;

    public static SmallDisk Mount(int kilobytes)
    {
        var disk = new SmallDisk();
        if (Run("mount", "-t", "tmpfs", "-o", $"size={kilobytes}k", "tmpfs", disk._folder) is { } error)
        {
            Directory.Delete(disk._folder);
            throw new InvalidOperationException(error);
        }

        return disk;
    }

    public void MakeReadOnly() => Assert.Null(Run("mount", "-o", "remount,ro", _folder));

    public void Dispose()
    {
        Assert.Null(Run("umount", _folder));
        Directory.Delete(_folder);
    }

    private static string? WhyNot()
    {
        if (!OperatingSystem.IsLinux())
        {
            return "only Linux mounts a disk in memory";
        }

        try
        {
            Mount(64).Dispose();
            return null;
        }
        catch (InvalidOperationException error)
        {
            return $"a disk cannot be mounted here (run as root): {error.Message}";
        }
    }

    private static string? Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        var error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? null : error;
    }
}
