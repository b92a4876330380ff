namespace Air.Orleans.Kernels.Csv;

/// <summary>Finds the types of a CSV file's columns from a sample of its records. Stateless, hence thread-safe.</summary>
public static class CsvInference
{
    /// <summary>Gives for each column the narrowest type that reads every cell of the sample.</summary>
    /// <param name="sample">Whole records from the start of the data, such as the file's first <see cref="CsvRange"/>.</param>
    /// <param name="header">The file's header.</param>
    /// <param name="format">How the file is written.</param>
    /// <param name="file">The file's name, for errors.</param>
    /// <param name="overrides">Types by column name that are not to be inferred; null for none.</param>
    /// <returns>
    /// All columns in the file's order. Boolean when all cells are true or false; Int64 when all are whole numbers of 64 bits;
    /// Double when all are numbers, and when the sample has only nulls; else String. Nulls say nothing about the type.
    /// </returns>
    /// <exception cref="CsvException">A record has too few or too many cells, or a quote is not closed.</exception>
    /// <exception cref="ArgumentException">An override names a column that the file does not have.</exception>
    public static IReadOnlyList<CsvColumn> Infer(
        ReadOnlySpan<byte> sample,
        CsvHeader header,
        CsvFormat format,
        string file,
        IReadOnlyDictionary<string, CsvColumnType>? overrides = null
    )
    {
        ArgumentNullException.ThrowIfNull(header);
        ArgumentNullException.ThrowIfNull(format);
        ArgumentNullException.ThrowIfNull(file);
        format.Validate();
        foreach (var name in overrides?.Keys ?? [])
        {
            if (!header.Names.Contains(name))
            {
                throw new ArgumentException(
                    $"Column '{name}' is not in '{file}' (columns: {string.Join(", ", header.Names.Select(n => $"'{n}'"))}). "
                        + "Correct the name whose type is given.",
                    nameof(overrides)
                );
            }
        }

        var candidates = new TypeCandidate[header.Names.Count];
        var reader = new CellReader(format);
        var index = new CellIndex(sample, format, candidates.Length);
        try
        {
            while (index.MoveNext())
            {
                for (var column = 0; column < candidates.Length; column++)
                {
                    var block = new CellBlock(
                        sample,
                        index.Positions,
                        candidates.Length,
                        column,
                        index.Rows,
                        isUtf8: true
                    );
                    candidates[column].Read(block, reader);
                }

                if (index.IsRagged)
                {
                    throw CsvParser.Irregular(sample, candidates.Length, format, file, header.DataLineNumber, index);
                }
            }
        }
        finally
        {
            index.Dispose();
        }

        return
        [
            .. header.Names.Select(
                (name, i) =>
                    new CsvColumn(name, overrides?.GetValueOrDefault(name, candidates[i].Type) ?? candidates[i].Type)
            ),
        ];
    }

    /// <summary>The types that still read all cells seen of one column.</summary>
    private struct TypeCandidate
    {
        private bool isNotBoolean;
        private bool isNotInt64;
        private bool isNotDouble;
        private bool hasValues;

        public readonly CsvColumnType Type =>
            !hasValues ? CsvColumnType.Double
            : !isNotBoolean ? CsvColumnType.Boolean
            : !isNotInt64 ? CsvColumnType.Int64
            : !isNotDouble ? CsvColumnType.Double
            : CsvColumnType.String;

        public void Read(in CellBlock block, CellReader reader)
        {
            for (var row = 0; row < block.Rows && !(isNotBoolean && isNotDouble); row++)
            {
                var kind = reader.Read(block.Cell(row), emptyIsText: false, out var cell);
                if (kind is CellKind.Null)
                {
                    continue;
                }

                hasValues = true;
                var isText = kind is not CellKind.Text;
                isNotBoolean = isNotBoolean || isText || !NumberText.TryBoolean(cell, out _);
                isNotInt64 = isNotInt64 || isText || !NumberText.TryInt64(cell, out _);
                isNotDouble = isNotDouble || isText || !NumberText.TryDouble(cell, out _);
            }
        }
    }
}
