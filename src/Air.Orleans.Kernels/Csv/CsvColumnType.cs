using System.Diagnostics.CodeAnalysis;

namespace Air.Orleans.Kernels.Csv;

/// <summary>Gives the types a CSV column is read as; each becomes the nullable Arrow column of the same name.</summary>
[SuppressMessage("Naming", "CA1720", Justification = "The names are those of the Arrow types the columns become.")]
public enum CsvColumnType
{
    /// <summary>The texts <c>true</c> and <c>false</c> in any case; becomes an Arrow Boolean column.</summary>
    Boolean,

    /// <summary>Whole numbers from -2^63 to 2^63 - 1; becomes an Arrow Int64 column.</summary>
    Int64,

    /// <summary>Decimal numbers, with or without exponent, and NaN and infinities; becomes an Arrow Double column.</summary>
    Double,

    /// <summary>Any UTF-8 text; becomes an Arrow String column.</summary>
    String,
}
