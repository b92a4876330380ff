namespace Air.Orleans.Kernels.Csv;

/// <summary>Gives the name and the type of one column of a CSV file.</summary>
/// <param name="Name">The column's name, unique in its file.</param>
/// <param name="Type">What its cells are read as.</param>
public sealed record CsvColumn(string Name, CsvColumnType Type);
