namespace Air.Orleans.Torch.Safetensors;

/// <summary>What a shape means in bytes and in words.</summary>
internal static class SafetensorsShape
{
    /// <summary>Bytes of a tensor; null when a dimension is negative or the number does not fit.</summary>
    public static long? ByteCount(SafetensorsType type, ReadOnlySpan<long> shape)
    {
        var count = (UInt128)type.ElementBytes();
        foreach (var dimension in shape)
        {
            if (dimension < 0)
                return null;
            count *= (ulong)dimension;
            // Checked at every dimension, so that the product of two 64-bit numbers always fits into 128 bits.
            if (count > long.MaxValue)
                return null;
        }

        return (long)count;
    }

    /// <summary>The shape as <c>(2, 3)</c>.</summary>
    public static string Text(ReadOnlySpan<long> shape) => $"({string.Join(", ", shape.ToArray())})";
}
