using System.Text.Json.Nodes;
using Air.Orleans.Data.Preprocessing;
using Air.Orleans.Kernels.Columns;
using Apache.Arrow.Types;

namespace Air.Orleans.Data;

/// <summary>
/// Puts numeric columns together into one column of vectors (rows, columns) of 32-bit floats, and leaves the columns
/// themselves out. Which columns, and their order, is fixed in fitting; by default all numeric ones in their order.
/// </summary>
public sealed class Concatenator : Preprocessor
{
    internal const string TypeName = "Concatenator";

    private readonly IReadOnlyList<string>? _fitted;

    /// <summary>Puts the columns named together, in that order; every numeric column, if none are named.</summary>
    public Concatenator(params string[] columns)
    {
        ArgumentNullException.ThrowIfNull(columns);
        Columns = columns;
    }

    private Concatenator(Concatenator settings, IReadOnlyList<string>? fitted)
    {
        Columns = settings.Columns;
        Exclude = settings.Exclude;
        Output = settings.Output;
        _fitted = fitted;
    }

    /// <summary>The columns named; none means every numeric column.</summary>
    public IReadOnlyList<string> Columns { get; }

    /// <summary>Columns that are left as they are, such as the label.</summary>
    /// <value>None.</value>
    public IReadOnlyList<string> Exclude { get; init; } = [];

    /// <summary>The name of the column of vectors.</summary>
    /// <value>"features".</value>
    public string Output { get; init; } = "features";

    /// <summary>The columns that were found in fitting, in the order of the vector; null before.</summary>
    public IReadOnlyList<string>? Inputs => _fitted;

    /// <inheritdoc/>
    public override bool IsFitted => _fitted is not null;

    internal override string Kind => TypeName;

    internal override async ValueTask<Preprocessor> FitCoreAsync(FitSource source, CancellationToken cancellationToken)
    {
        var schema = await source.SchemaAsync(cancellationToken);
        var names = NumericColumns.Choose(schema, Columns, Exclude, TypeName);
        if (names.Length == 0)
        {
            throw new DatasetException($"{TypeName}: no numeric column is left to put together.");
        }

        if (schema.GetFieldIndex(Output) >= 0 && !names.Contains(Output))
        {
            throw new DatasetException(
                $"{TypeName}: the rows have a column '{Output}' already. Set Concatenator.Output."
            );
        }

        return new Concatenator(this, names);
    }

    internal override RecordBatch TransformFitted(RecordBatch batch)
    {
        var schema = TransformSchema(batch.Schema);
        FixedSizeListArray vectors;
        try
        {
            vectors = FeatureMatrix.Concatenate(batch, _fitted!);
        }
        catch (Exception error) when (error is ArgumentException or NotSupportedException)
        {
            throw new DatasetException($"{TypeName}: {error.Message}", error);
        }

        var kept = batch.Schema.FieldsList.Where(field => !_fitted!.Contains(field.Name));
        return new RecordBatch(
            schema,
            [.. kept.Select(field => batch.Column(batch.Schema.GetFieldIndex(field.Name))), vectors],
            batch.Length
        );
    }

    internal override Schema TransformSchema(Schema input)
    {
        NumericColumns.Require(input, _fitted!, TypeName);
        var vector = new FixedSizeListType(new Field("item", FloatType.Default, nullable: false), _fitted!.Count);
        return new Schema(
            input
                .FieldsList.Where(field => !_fitted!.Contains(field.Name))
                .Append(new Field(Output, vector, nullable: false)),
            null
        );
    }

    internal override JsonObject ToNode()
    {
        var node = PreprocessorJson.Head(TypeName, 1);
        node["columns"] = PreprocessorJson.Texts(Columns);
        node["exclude"] = PreprocessorJson.Texts(Exclude);
        node["output"] = Output;
        node["inputs"] = _fitted is null ? null : PreprocessorJson.Texts(_fitted);
        return node;
    }

    internal static Concatenator Read(JsonObject node)
    {
        var settings = new Concatenator(PreprocessorJson.Texts(node["columns"]))
        {
            Exclude = PreprocessorJson.Texts(node["exclude"]),
            Output = node["output"]!.GetValue<string>(),
        };
        return node["inputs"] is { } inputs ? new Concatenator(settings, PreprocessorJson.Texts(inputs)) : settings;
    }
}
