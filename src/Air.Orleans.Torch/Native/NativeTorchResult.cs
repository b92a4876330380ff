namespace Air.Orleans.Torch.Native;

/// <summary>How the library that binds TorchSharp to libtorch was loaded.</summary>
/// <param name="Patched">Whether a patched copy was needed.</param>
/// <param name="LibraryPath">The file that was loaded; empty where the operating system found it by name.</param>
internal sealed record NativeTorchResult(bool Patched, string LibraryPath);
