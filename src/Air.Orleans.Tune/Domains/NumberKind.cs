using System.Text.Json.Serialization;

namespace Air.Orleans.Tune;

/// <summary>Which numbers a numeric parameter can hold.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<NumberKind>))]
public enum NumberKind
{
    /// <summary>Double precision.</summary>
    DoublePrecision,

    /// <summary>Single precision: a draw is rounded to a value that a float holds.</summary>
    SinglePrecision,

    /// <summary>Whole numbers: a draw is rounded down.</summary>
    Whole,
}
