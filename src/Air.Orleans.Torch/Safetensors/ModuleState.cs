using Air.Orleans.Torch.Native;
using Air.Orleans.Torch.Safetensors;
using TorchSharp;

namespace Air.Orleans.Torch;

/// <summary>Saves a module's state as a safetensors file and loads it again, bit for bit.</summary>
/// <remarks>
/// The state is what <c>state_dict()</c> gives: all parameters, frozen ones too, and the persistent buffers (the
/// running statistics of a BatchNorm and its count, an I64 scalar), under the module's own names. Python's
/// <c>safetensors.torch.load_file</c> reads the files as a state dictionary.
/// </remarks>
public static class ModuleState
{
    /// <summary>Gives the module's state as the bytes of a safetensors file.</summary>
    /// <param name="module">The module, on any device.</param>
    /// <param name="metadata">Strings to keep with it; null for none.</param>
    /// <returns>The file; equal states and metadata give equal bytes.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="module"/> is null.</exception>
    /// <exception cref="NotSupportedException">
    /// Tensors have an element type that the format lacks, such as complex numbers. All are named.
    /// </exception>
    /// <exception cref="InvalidOperationException">The state is larger than an array, 2 GB.</exception>
    public static byte[] Save(torch.nn.Module module, IReadOnlyDictionary<string, string>? metadata = null)
    {
        ArgumentNullException.ThrowIfNull(module);
        TorchRuntime.EnsureLoaded();
        using var scope = torch.NewDisposeScope();
        using var noGradient = torch.no_grad();
        var writer = new SafetensorsWriter();
        foreach (var (key, value) in metadata ?? new Dictionary<string, string>())
            writer.SetMetadata(key, value);
        var faults = new List<string>();
        foreach (var (name, tensor) in module.state_dict())
        {
            if (SafetensorsTypes.FromTorch(tensor.dtype) is not { } type)
            {
                faults.Add($"'{name}' is {tensor.dtype}");
                continue;
            }

            var plain = tensor.cpu().contiguous();
            writer.Add(name, type, plain.shape, plain.numel() * type.ElementBytes(), () => plain.bytes);
        }

        if (faults.Count > 0)
            throw new NotSupportedException(
                $"The safetensors format has no element type for {string.Join(", ", faults)}; it has "
                    + $"{SafetensorsTypes.AllNames}. Convert these tensors before saving."
            );
        return writer.ToArray();
    }

    /// <summary>Copies a saved state into a module of the same structure, in place: flat views stay views.</summary>
    /// <param name="module">The module whose parameters and buffers are overwritten.</param>
    /// <param name="file">What <see cref="Save"/> gave, or another safetensors file with the same names.</param>
    /// <returns>The metadata saved with it.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="module"/> is null.</exception>
    /// <exception cref="FormatException">The bytes are no safetensors file.</exception>
    /// <exception cref="InvalidDataException">
    /// The file does not fit the module: names are missing or unexpected, shapes or types differ. All faults are
    /// listed, and the module is unchanged.
    /// </exception>
    public static IReadOnlyDictionary<string, string> Load(torch.nn.Module module, ReadOnlyMemory<byte> file)
    {
        ArgumentNullException.ThrowIfNull(module);
        TorchRuntime.EnsureLoaded();
        var reader = new SafetensorsReader(file);
        using var scope = torch.NewDisposeScope();
        using var noGradient = torch.no_grad();
        var state = module.state_dict();
        CheckFits(module, state, reader);
        foreach (var (name, tensor) in state)
        {
            var bytes = reader.GetBytes(name).Span;
            if (tensor.device_type == DeviceType.CPU && tensor.is_contiguous())
            {
                bytes.CopyTo(tensor.bytes);
                continue;
            }

            using var staged = torch.empty(tensor.shape, tensor.dtype, torch.CPU);
            bytes.CopyTo(staged.bytes);
            tensor.copy_(staged);
        }

        return reader.Metadata;
    }

    private static void CheckFits(
        torch.nn.Module module,
        Dictionary<string, torch.Tensor> state,
        SafetensorsReader reader
    )
    {
        var faults = new List<string>();
        foreach (var (name, tensor) in state.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            if (!reader.TryGetEntry(name, out var entry))
                faults.Add($"'{name}' is missing");
            else if (!tensor.shape.AsSpan().SequenceEqual([.. entry.Shape]))
                faults.Add(
                    $"'{name}' has shape {SafetensorsShape.Text([.. entry.Shape])}, the module's has "
                        + SafetensorsShape.Text(tensor.shape)
                );
            else if (SafetensorsTypes.FromTorch(tensor.dtype) != entry.Type)
                faults.Add($"'{name}' has type {entry.Type.FormatName()}, the module's has {tensor.dtype}");
        }

        foreach (var entry in reader.Entries.Where(entry => !state.ContainsKey(entry.Name)))
            faults.Add($"'{entry.Name}' is unexpected");
        if (faults.Count > 0)
            throw new InvalidDataException(
                $"The saved state does not fit the module '{module.GetName()}': {string.Join("; ", faults)}. "
                    + "Load it into a module built with the same layers and sizes as the saved one."
            );
    }
}
