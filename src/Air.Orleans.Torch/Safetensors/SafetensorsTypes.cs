using TorchSharp;

namespace Air.Orleans.Torch.Safetensors;

/// <summary>The format's names and sizes of the element types, and torch's types for them.</summary>
internal static class SafetensorsTypes
{
    private static readonly Entry[] Entries =
    [
        new(SafetensorsType.Bool, "BOOL", 1, torch.ScalarType.Bool),
        new(SafetensorsType.U8, "U8", 1, torch.ScalarType.Byte),
        new(SafetensorsType.I8, "I8", 1, torch.ScalarType.Int8),
        new(SafetensorsType.I16, "I16", 2, torch.ScalarType.Int16),
        new(SafetensorsType.F16, "F16", 2, torch.ScalarType.Float16),
        new(SafetensorsType.BF16, "BF16", 2, torch.ScalarType.BFloat16),
        new(SafetensorsType.I32, "I32", 4, torch.ScalarType.Int32),
        new(SafetensorsType.F32, "F32", 4, torch.ScalarType.Float32),
        new(SafetensorsType.I64, "I64", 8, torch.ScalarType.Int64),
        new(SafetensorsType.F64, "F64", 8, torch.ScalarType.Float64),
    ];

    /// <summary>All names, for error texts.</summary>
    public static string AllNames => string.Join(", ", Entries.Select(entry => entry.Name));

    /// <summary>Bytes of one element.</summary>
    public static int ElementBytes(this SafetensorsType type) => Of(type).Bytes;

    /// <summary>The name in a file's header.</summary>
    public static string FormatName(this SafetensorsType type) => Of(type).Name;

    /// <summary>The type of this name, or null.</summary>
    public static SafetensorsType? FromName(string? name) => Array.Find(Entries, entry => entry.Name == name)?.Type;

    /// <summary>The type for a torch tensor, or null where the format has none.</summary>
    public static SafetensorsType? FromTorch(torch.ScalarType type) =>
        Array.Find(Entries, entry => entry.Torch == type)?.Type;

    private static Entry Of(SafetensorsType type) =>
        Array.Find(Entries, entry => entry.Type == type)
        ?? throw new ArgumentOutOfRangeException(nameof(type), type, $"There is no element type {type}.");

    private sealed record Entry(SafetensorsType Type, string Name, int Bytes, torch.ScalarType Torch);
}
