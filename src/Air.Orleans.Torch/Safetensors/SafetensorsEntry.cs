namespace Air.Orleans.Torch;

/// <summary>One tensor of a safetensors file.</summary>
/// <param name="Name">Its name, unique in the file.</param>
/// <param name="Type">The type of its elements.</param>
/// <param name="Shape">Its shape, empty for a scalar; the elements lie in row-major order.</param>
/// <param name="Offset">Where its bytes begin, counted from the end of the header.</param>
/// <param name="ByteCount">How many bytes it has.</param>
public sealed record SafetensorsEntry(
    string Name,
    SafetensorsType Type,
    IReadOnlyList<long> Shape,
    long Offset,
    long ByteCount
);
