using System.Runtime.InteropServices;

namespace Air.Orleans.Torch.Native;

/// <summary>Tells glibc's malloc to keep the memory of a training step for the next step.</summary>
/// <remarks>
/// libtorch has no caching allocator on the CPU. glibc maps every block above its threshold anew and unmaps it when it
/// is freed, so each step faults in the pages of all its activations. With these settings freed blocks stay in the
/// heap; a small convolutional network trains three to four times faster. glibc documents them in mallopt(3).
/// </remarks>
internal static unsafe class MallocTuning
{
    /// <summary>The environment variable that leaves malloc alone when it is <c>0</c>.</summary>
    public const string Switch = "AIR_MALLOC_TUNING";

    /// <summary>The largest mmap threshold that glibc before 2.35 takes: half of its heap size.</summary>
    private const int LargestOldThreshold = 32 << 20;

    private static readonly Setting[] Settings =
    [
        new("M_MMAP_THRESHOLD", -3, [1 << 30, LargestOldThreshold], "MALLOC_MMAP_THRESHOLD_", "mmap_threshold"),
        new("M_TRIM_THRESHOLD", -1, [int.MaxValue], "MALLOC_TRIM_THRESHOLD_", "trim_threshold"),
        new("M_TOP_PAD", -2, [64 << 20], "MALLOC_TOP_PAD_", "top_pad"),
    ];

    /// <summary>Applies the settings where the process runs on glibc; elsewhere does nothing and says why.</summary>
    /// <param name="environment">Gives the value of an environment variable, or null.</param>
    public static MallocTuningResult Apply(Func<string, string?> environment)
    {
        if (environment(Switch) == "0")
            return MallocTuningResult.Skipped($"{Switch} is 0.");
        if (!OperatingSystem.IsLinux())
            return MallocTuningResult.Skipped("The settings are those of glibc on Linux.");
        // musl has neither the file of this name nor these functions.
        if (!NativeLibrary.TryLoad("libc.so.6", out var libc))
            return MallocTuningResult.Skipped("The C library is not glibc: there is no libc.so.6.");
        if (
            !NativeLibrary.TryGetExport(libc, "gnu_get_libc_version", out _)
            || !NativeLibrary.TryGetExport(libc, "mallopt", out var address)
        )
            return MallocTuningResult.Skipped("The C library is not glibc: it has no mallopt.");

        var mallopt = (delegate* unmanaged<int, int, int>)address;
        var accepted = new Dictionary<string, int>();
        var reasons = new List<string>();
        foreach (var setting in Settings)
        {
            if (setting.IsSetBy(environment))
                reasons.Add($"{setting.Name} is set by the environment.");
            else if (setting.Values.FirstOrDefault(value => mallopt(setting.Number, value) == 1) is > 0 and var value)
                accepted[setting.Name] = value;
            else
                reasons.Add($"glibc refused {setting.Name}.");
        }

        return new MallocTuningResult(accepted.Count > 0, string.Join(' ', reasons), accepted);
    }

    /// <param name="Name">The constant in malloc.h.</param>
    /// <param name="Number">Its value.</param>
    /// <param name="Values">What to ask for, in bytes; the first that glibc accepts counts.</param>
    /// <param name="Variable">The environment variable by which a user sets it.</param>
    /// <param name="Tunable">Its name in GLIBC_TUNABLES, after <c>glibc.malloc.</c>.</param>
    private sealed record Setting(string Name, int Number, int[] Values, string Variable, string Tunable)
    {
        public bool IsSetBy(Func<string, string?> environment) =>
            environment(Variable) is { Length: > 0 }
            || environment("GLIBC_TUNABLES")?.Contains($"glibc.malloc.{Tunable}=", StringComparison.Ordinal) == true;
    }
}
