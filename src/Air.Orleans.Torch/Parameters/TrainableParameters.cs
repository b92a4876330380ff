using TorchSharp;
using TorchSharp.Modules;

namespace Air.Orleans.Torch.Parameters;

/// <summary>Finds what a flat buffer is to hold: each trainable parameter once, with all its names.</summary>
internal static class TrainableParameters
{
    /// <summary>The trainable parameters in the module's order.</summary>
    /// <exception cref="ArgumentException">There is none, or some are not float32 on the CPU.</exception>
    public static IReadOnlyList<Tied> Of(torch.nn.Module module)
    {
        var found = new List<Tied>();
        var faults = new List<string>();
        foreach (var (name, parameter) in module.named_parameters())
        {
            if (!parameter.requires_grad)
                continue;
            if (parameter.dtype != torch.ScalarType.Float32)
                faults.Add($"'{name}' is {parameter.dtype}");
            else if (parameter.device_type != DeviceType.CPU)
                faults.Add($"'{name}' is on {parameter.device}");
            else if (found.Find(other => other.Shares(parameter)) is { } tied)
                tied.Names.Add((name, parameter));
            else
                found.Add(new Tied([(name, parameter)]));
        }

        if (faults.Count > 0)
            throw new ArgumentException(
                $"Trainable parameters must be float32 on the CPU, but {string.Join(", ", faults)}. "
                    + "Convert the module (module.to(torch.float32), module.cpu()) or freeze these (requires_grad).",
                nameof(module)
            );
        if (found.Count == 0)
            throw new ArgumentException(
                $"The module '{module.GetName()}' has no trainable parameter. Register its layers "
                    + "(RegisterComponents() at the end of its constructor) or unfreeze some (requires_grad).",
                nameof(module)
            );
        return found;
    }

    /// <summary>One parameter, and the names and handles under which the module knows it.</summary>
    internal sealed record Tied(List<(string Name, Parameter Parameter)> Names)
    {
        public string Name => Names[0].Name;

        public Parameter First => Names[0].Parameter;

        public bool Shares(Parameter other) =>
            other.numel() > 0
            && First.shape.AsSpan().SequenceEqual(other.shape)
            && First.bytes.Overlaps(other.bytes, out var distance)
            && distance == 0;
    }
}
