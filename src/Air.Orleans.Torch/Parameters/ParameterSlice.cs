namespace Air.Orleans.Torch;

/// <summary>Where one trainable parameter lies in the flat buffers of <see cref="FlatParameters"/>.</summary>
/// <param name="Name">The module's name for it, such as <c>layers.0.weight</c>.</param>
/// <param name="Offset">Index of its first element in the buffers, a multiple of 16.</param>
/// <param name="Length">Count of its elements, without the padding that follows.</param>
/// <param name="Shape">Its shape; the elements lie in row-major order.</param>
public sealed record ParameterSlice(string Name, int Offset, int Length, IReadOnlyList<long> Shape);
