using Air.Orleans.Torch.Native;

namespace Air.Orleans.Torch.Tests.Native;

public sealed class MallocTuningTests
{
    [Fact]
    public void Apply_SwitchedOff_ChangesNothing()
    {
        var result = MallocTuning.Apply(name => name == MallocTuning.Switch ? "0" : null);

        Assert.False(result.Applied);
        Assert.Empty(result.Settings);
        Assert.Contains(MallocTuning.Switch, result.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Apply_OnGlibc_AcceptsAllSettings()
    {
        if (!OperatingSystem.IsLinux() || !File.Exists("/lib/x86_64-linux-gnu/libc.so.6"))
            return;

        var result = MallocTuning.Apply(_ => null);

        Assert.True(result.Applied, result.Reason);
        Assert.Equal(3, result.Settings.Count);
        Assert.Equal(int.MaxValue, result.Settings["M_TRIM_THRESHOLD"]);
        Assert.Equal(64 << 20, result.Settings["M_TOP_PAD"]);
        Assert.Contains(result.Settings["M_MMAP_THRESHOLD"], new[] { 1 << 30, 32 << 20 });
    }

    [Theory]
    [InlineData("MALLOC_TOP_PAD_", "1000")]
    [InlineData("GLIBC_TUNABLES", "glibc.malloc.check=1:glibc.malloc.top_pad=1000")]
    public void Apply_SettingGivenByUser_LeavesIt(string variable, string value)
    {
        if (!OperatingSystem.IsLinux())
            return;

        var result = MallocTuning.Apply(name => name == variable ? value : null);

        Assert.DoesNotContain("M_TOP_PAD", result.Settings.Keys);
        Assert.Contains("M_TOP_PAD is set by the environment", result.Reason, StringComparison.Ordinal);
        Assert.Contains("M_TRIM_THRESHOLD", result.Settings.Keys);
    }
}
