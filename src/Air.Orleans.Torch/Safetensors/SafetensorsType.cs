namespace Air.Orleans.Torch;

/// <summary>Element types of a safetensors file, little-endian.</summary>
public enum SafetensorsType
{
    /// <summary>Truth values, one byte each, 0 or 1: <c>BOOL</c>.</summary>
    Bool,

    /// <summary>Unsigned 8-bit integers: <c>U8</c>.</summary>
    U8,

    /// <summary>Signed 8-bit integers: <c>I8</c>.</summary>
    I8,

    /// <summary>Signed 16-bit integers: <c>I16</c>.</summary>
    I16,

    /// <summary>16-bit IEEE 754 numbers: <c>F16</c>.</summary>
    F16,

    /// <summary>16-bit numbers with the exponent range of 32-bit ones: <c>BF16</c>.</summary>
    BF16,

    /// <summary>Signed 32-bit integers: <c>I32</c>.</summary>
    I32,

    /// <summary>32-bit IEEE 754 numbers: <c>F32</c>.</summary>
    F32,

    /// <summary>Signed 64-bit integers: <c>I64</c>.</summary>
    I64,

    /// <summary>64-bit IEEE 754 numbers: <c>F64</c>.</summary>
    F64,
}
