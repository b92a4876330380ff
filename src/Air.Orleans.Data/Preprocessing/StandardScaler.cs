using System.Text.Json.Nodes;
using Air.Orleans.Data.Preprocessing;
using Air.Orleans.Kernels.Columns;
using Apache.Arrow.Types;

namespace Air.Orleans.Data;

/// <summary>
/// Scales columns to mean 0 and standard deviation 1: (x − mean) / deviation, with the deviation of the whole (divisor n, ddof 0). A
/// column whose values are all equal is divided by 1. Nulls are passed over in fitting and stay null. Scaled columns are Double.
/// </summary>
public sealed class StandardScaler : Preprocessor
{
    internal const string TypeName = "StandardScaler";

    private readonly IReadOnlyList<ColumnScale>? _scales;

    /// <summary>Scales the columns named; every numeric column, if none are.</summary>
    public StandardScaler(params string[] columns)
    {
        ArgumentNullException.ThrowIfNull(columns);
        Columns = columns;
    }

    private StandardScaler(
        IReadOnlyList<string> columns,
        IReadOnlyList<string> exclude,
        IReadOnlyList<ColumnScale>? scales
    )
    {
        Columns = columns;
        Exclude = exclude;
        _scales = scales;
    }

    /// <summary>The columns named; none means every numeric column.</summary>
    public IReadOnlyList<string> Columns { get; }

    /// <summary>Columns that are left as they are.</summary>
    /// <value>None.</value>
    public IReadOnlyList<string> Exclude { get; init; } = [];

    /// <summary>The mean and divisor learnt of each column; null before fitting.</summary>
    public IReadOnlyList<ColumnScale>? Scales => _scales;

    /// <inheritdoc/>
    public override bool IsFitted => _scales is not null;

    internal override string Kind => TypeName;

    internal override async ValueTask<Preprocessor> FitCoreAsync(FitSource source, CancellationToken cancellationToken)
    {
        var names = NumericColumns.Choose(await source.SchemaAsync(cancellationToken), Columns, Exclude, TypeName);
        var moments = await source.MomentsAsync(names, cancellationToken);
        var scales = names.Zip(moments, Scale).ToList();
        return new StandardScaler(Columns, Exclude, scales);
    }

    internal override RecordBatch TransformFitted(RecordBatch batch)
    {
        NumericColumns.Require(batch.Schema, _scales!.Select(static scale => scale.Column), TypeName);
        var columns = batch.Arrays.ToArray();
        foreach (var scale in _scales!)
        {
            var index = batch.Schema.GetFieldIndex(scale.Column);
            columns[index] = ColumnMath.Scale(columns[index], scale.Mean, scale.Divisor);
        }

        return new RecordBatch(TransformSchema(batch.Schema), columns, batch.Length);
    }

    internal override Schema TransformSchema(Schema input)
    {
        NumericColumns.Require(input, _scales!.Select(static scale => scale.Column), TypeName);
        var scaled = _scales!.Select(static scale => scale.Column).ToHashSet();
        return new Schema(
            input.FieldsList.Select(field =>
                scaled.Contains(field.Name) ? new Field(field.Name, DoubleType.Default, nullable: true) : field
            ),
            null
        );
    }

    internal override JsonObject ToNode()
    {
        var node = PreprocessorJson.Head(TypeName, 1);
        node["columns"] = PreprocessorJson.Texts(Columns);
        node["exclude"] = PreprocessorJson.Texts(Exclude);
        node["scales"] = _scales is null
            ? null
            : new JsonArray([
                .. _scales.Select(static scale => new JsonObject
                {
                    ["column"] = scale.Column,
                    ["mean"] = scale.Mean,
                    ["divisor"] = scale.Divisor,
                }),
            ]);
        return node;
    }

    internal static StandardScaler Read(JsonObject node) =>
        new(
            PreprocessorJson.Texts(node["columns"]),
            PreprocessorJson.Texts(node["exclude"]),
            node["scales"]
                ?.AsArray()
                .Select(static scale => new ColumnScale(
                    scale!["column"]!.GetValue<string>(),
                    scale["mean"]!.GetValue<double>(),
                    scale["divisor"]!.GetValue<double>()
                ))
                .ToList()
        );

    private static ColumnScale Scale(string column, Moments moments)
    {
        if (moments.Count == 0)
        {
            throw new DatasetException(
                $"{TypeName}: column '{column}' has no value at all ({moments.Nulls} nulls), so it has no mean. "
                    + "Drop it (Dataset.DropColumns), or fill it."
            );
        }

        var deviation = moments.StandardDeviation(ddof: 0);
        if (!double.IsFinite(moments.Mean) || !double.IsFinite(deviation))
        {
            throw new DatasetException(
                $"{TypeName}: column '{column}' has mean {moments.Mean} and standard deviation {deviation}: "
                    + "it holds NaN or infinite values. Filter or fill them first."
            );
        }

        return new ColumnScale(column, moments.Mean, deviation == 0 ? 1 : deviation);
    }
}

/// <summary>What a <see cref="StandardScaler"/> has learnt of one column.</summary>
/// <param name="Column">The column.</param>
/// <param name="Mean">What is subtracted.</param>
/// <param name="Divisor">What it is divided by: the standard deviation (ddof 0), or 1 where that is 0.</param>
public sealed record ColumnScale(string Column, double Mean, double Divisor);
