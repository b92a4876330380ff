using System.Reflection;
using System.Runtime.InteropServices;
using TorchSharp;

namespace Air.Orleans.Torch.Native;

/// <summary>Loads libtorch and the library that binds TorchSharp to it, before TorchSharp looks for them.</summary>
/// <remarks>
/// <para>
/// TorchSharp 0.107's <c>libLibTorchSharp.so</c> asks for version GLIBCXX_3.4.32 of the C++ runtime, which came with
/// GCC 13; Debian 12 and Ubuntu 22.04 have an older one. A single symbol wants it,
/// <c>_ZSt21ios_base_library_initv</c>, an empty marker that says "the standard streams are initialised", which the
/// older runtime does by itself. Made weak in a copy, the marker may be absent and the library loads.
/// </para>
/// <para>
/// Nothing here touches a member of <c>torch</c>: its static constructor would try to load the libraries itself and,
/// failing, copy 500 MB of them. It runs only after <see cref="Load"/> has shown that it will find them.
/// </para>
/// </remarks>
internal static class NativeTorch
{
    internal const string LinuxLibrary = "libLibTorchSharp.so";
    internal const string MissingVersion = "GLIBCXX_3.4.32";
    internal const string MissingSymbol = "_ZSt21ios_base_library_initv";

    private const string Library = "LibTorchSharp";

    /// <summary>What the binding library needs, in the order in which each finds the ones before it.</summary>
    private static readonly string[] LinuxDependencies = ["libc10.so", "libtorch_cpu.so", "libtorch.so"];

    private static Assembly TorchSharpAssembly => typeof(torch).Assembly;

    /// <summary>Loads the libraries from the first of the folders that has them. Call once in a process.</summary>
    /// <param name="folders">Where to look, the likeliest first.</param>
    /// <exception cref="TorchNativeException">A library is missing or cannot be loaded.</exception>
    public static NativeTorchResult Load(IReadOnlyList<string> folders)
    {
        var result = OperatingSystem.IsLinux() ? LoadOnLinux(folders) : LoadByName();
        if (!NativeLibrary.TryLoad(Library, TorchSharpAssembly, null, out _))
            throw new TorchNativeException(
                $"'{Library}' was loaded from '{result.LibraryPath}', but TorchSharp would not find it by its name. "
                    + $"TorchSharp.dll lies at '{TorchSharpAssembly.Location}'. Publish it beside its native libraries."
            );
        return result;
    }

    private static NativeTorchResult LoadByName()
    {
        NativeLibrary.TryLoad("torch_cpu", TorchSharpAssembly, null, out _);
        try
        {
            NativeLibrary.Load(Library, TorchSharpAssembly, null);
            return new NativeTorchResult(Patched: false, LibraryPath: "");
        }
        catch (Exception exception) when (exception is DllNotFoundException or BadImageFormatException)
        {
            throw new TorchNativeException(
                $"'{Library}' does not load on {RuntimeInformation.RuntimeIdentifier}: {exception.Message} "
                    + $"Reference the package libtorch-cpu-<os> of the version that TorchSharp {PackageVersion()} "
                    + "was built with.",
                exception
            );
        }
    }

    private static NativeTorchResult LoadOnLinux(IReadOnlyList<string> folders)
    {
        var shipped = Require(folders, LinuxLibrary, "TorchSharp");
        foreach (var dependency in LinuxDependencies)
            LoadFile(Require(folders, dependency, "libtorch-cpu-linux-x64"));
        if (TryLoadFile(shipped, out var error) is not 0)
            return new NativeTorchResult(Patched: false, shipped);
        if (HasMissingSymbol())
            throw new TorchNativeException($"'{shipped}' does not load: {error!.Message}", error);

        var patched = Patch(shipped);
        var store = new PatchedLibraryStore($"torchsharp-{PackageVersion()}", LinuxLibrary);
        var (path, handle) = store.LoadFirst(PatchedLibraryStore.FoldersOfThisUser(), patched, TryLoadFile);
        UseForTorchSharp(handle);
        return new NativeTorchResult(Patched: true, path);
    }

    private static byte[] Patch(string shipped)
    {
        try
        {
            return ElfSymbolWeakener.Weaken(File.ReadAllBytes(shipped), MissingVersion, MissingSymbol);
        }
        catch (BadImageFormatException exception)
        {
            throw new TorchNativeException(
                $"'{shipped}' needs a newer C++ runtime (libstdc++.so.6 with {MissingVersion}, GCC 13) than this "
                    + $"system has, and cannot be adapted to it: {exception.Message} Install a newer libstdc++.",
                exception
            );
        }
    }

    /// <summary>Sends TorchSharp's P/Invokes straight to the loaded library, sparing the search for the file.</summary>
    private static void UseForTorchSharp(nint handle)
    {
        try
        {
            NativeLibrary.SetDllImportResolver(
                TorchSharpAssembly,
                (name, _, _) => name.Contains(Library, StringComparison.Ordinal) ? handle : 0
            );
        }
        catch (InvalidOperationException)
        {
            // The application has set its own. The loader still finds the library, which is open, by its soname;
            // Load checks that it does.
        }
    }

    private static bool HasMissingSymbol() =>
        NativeLibrary.TryLoad("libstdc++.so.6", out var runtime)
        && NativeLibrary.TryGetExport(runtime, MissingSymbol, out _);

    private static string Require(IReadOnlyList<string> folders, string fileName, string package) =>
        NativeFolders.Find(folders, fileName)
        ?? throw new TorchNativeException(
            $"'{fileName}' is in none of the folders '{string.Join("', '", folders)}'. "
                + $"Reference the package {package} from the application, or publish its native files with it."
        );

    private static void LoadFile(string path)
    {
        if (TryLoadFile(path, out var error) is 0)
            throw new TorchNativeException($"'{path}' does not load: {error!.Message}", error);
    }

    private static nint TryLoadFile(string path, out Exception? error)
    {
        error = null;
        try
        {
            return NativeLibrary.Load(path);
        }
        catch (Exception exception) when (exception is DllNotFoundException or BadImageFormatException)
        {
            error = exception;
            return 0;
        }
    }

    private static string PackageVersion() => TorchSharpAssembly.GetName().Version?.ToString(3) ?? "0";
}
