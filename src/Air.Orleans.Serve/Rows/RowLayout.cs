using System.Text;
using Apache.Arrow.Types;

namespace Air.Orleans.Serve.Rows;

/// <summary>What the values of a column are in JSON.</summary>
internal enum CellKind : byte
{
    /// <summary>Only nulls so far.</summary>
    Unknown,

    /// <summary>Numbers, as Double.</summary>
    Number,

    /// <summary>true and false.</summary>
    Boolean,

    /// <summary>Text.</summary>
    Text,
}

/// <summary>
/// The columns of rows. Requests whose rows have the same columns share one instance, whatever the order of the properties
/// in each, so that they can be joined and what was checked of one holds for all. Immutable.
/// </summary>
internal sealed class RowLayout
{
    private readonly Dictionary<string, int> _index;

    public RowLayout(string[] names, CellKind[] kinds)
    {
        Names = names;
        Kinds = kinds;
        Utf8Names = [.. names.Select(Encoding.UTF8.GetBytes)];
        _index = names
            .Index()
            .ToDictionary(static column => column.Item, static column => column.Index, StringComparer.Ordinal);
        Schema = new Schema(
            names.Zip(kinds, static (name, kind) => new Field(name, TypeOf(kind), nullable: true)),
            null
        );
    }

    public string[] Names { get; }

    public byte[][] Utf8Names { get; }

    /// <summary>Never Unknown.</summary>
    public CellKind[] Kinds { get; }

    public Schema Schema { get; }

    public int Width => Names.Length;

    public int IndexOf(string name) => _index.GetValueOrDefault(name, -1);

    private static ArrowType TypeOf(CellKind kind) =>
        kind switch
        {
            CellKind.Number => DoubleType.Default,
            CellKind.Boolean => BooleanType.Default,
            _ => StringType.Default,
        };
}
