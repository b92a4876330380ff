using System.Security.Cryptography;
using System.Text;
using Air.Orleans.Kernels.Csv;

namespace Air.Orleans.Data.Plans;

/// <summary>
/// One step of a dataset's plan. The id names its rows in the cluster: asked for twice, they are computed once while they
/// are kept, so all who use the same node share its blocks.
/// </summary>
[GenerateSerializer, Immutable, Alias("air.data.PlanNode")]
internal abstract record PlanNode([property: Id(0)] string NodeId)
{
    public static string NewId() => Guid.NewGuid().ToString("N");

    /// <summary>The same plan without the ids and the places of its code, which are others in each process that describes it.</summary>
    public PlanNode WithoutIds() =>
        this switch
        {
            OperatorNode step => step with
            {
                NodeId = "",
                Input = step.Input.WithoutIds(),
                Operator = step.Operator.WithoutBundle(),
            },
            SplitNode split => split with { NodeId = "", Input = split.Input.WithoutIds() },
            _ => this with { NodeId = "" },
        };

    /// <summary>An id that is the same whenever the same step is put on the same input.</summary>
    public static string DerivedId(string input, string step) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{input}\n{step}")))[..32];
}

/// <summary>The rows of a CSV file.</summary>
[GenerateSerializer, Immutable, Alias("air.data.CsvNode")]
internal sealed record CsvNode(string NodeId, [property: Id(0)] string FilePath, [property: Id(1)] CsvSettings Settings)
    : PlanNode(NodeId);

/// <summary>The numbers from 0 on, in one column "id".</summary>
[GenerateSerializer, Immutable, Alias("air.data.RangeNode")]
internal sealed record RangeNode(string NodeId, [property: Id(0)] long Rows, [property: Id(1)] int Blocks)
    : PlanNode(NodeId);

/// <summary>A step that turns each block of its input into one block.</summary>
[GenerateSerializer, Immutable, Alias("air.data.OperatorNode")]
internal sealed record OperatorNode(
    string NodeId,
    [property: Id(0)] PlanNode Input,
    [property: Id(1)] BlockOperator Operator
) : PlanNode(NodeId);

/// <summary>One part of a split: it needs to know how many rows its input has before it can begin.</summary>
[GenerateSerializer, Immutable, Alias("air.data.SplitNode")]
internal sealed record SplitNode(
    string NodeId,
    [property: Id(0)] PlanNode Input,
    [property: Id(1)] double TestSize,
    [property: Id(2)] int? ShuffleSeed,
    [property: Id(3)] bool IsTest
) : PlanNode(NodeId);

/// <summary>The options of a CSV file, as they travel.</summary>
[GenerateSerializer, Immutable, Alias("air.data.CsvSettings")]
internal sealed record CsvSettings(
    [property: Id(0)] byte Delimiter,
    [property: Id(1)] bool HasHeader,
    [property: Id(2)] IReadOnlyDictionary<string, int> Types,
    [property: Id(3)] int BlockSizeBytes
)
{
    public CsvFormat Format => new() { Delimiter = Delimiter, HasHeader = HasHeader };

    public IReadOnlyDictionary<string, CsvColumnType> ColumnTypes =>
        Types.ToDictionary(static pair => pair.Key, static pair => (CsvColumnType)pair.Value);

    public static CsvSettings From(CsvOptions options) =>
        new(
            (byte)options.Delimiter,
            options.HasHeader,
            options.Types.ToDictionary(static pair => pair.Key, static pair => (int)pair.Value),
            options.BlockSizeBytes
        );
}
