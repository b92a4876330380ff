using System.Text.Json.Nodes;
using Air.Orleans.Data.Preprocessing;

namespace Air.Orleans.Data;

/// <summary>Preprocessors one after another; each is fitted on the rows as those before it leave them.</summary>
public sealed class Chain : Preprocessor
{
    internal const string TypeName = "Chain";

    /// <summary>A chain of these, in this order.</summary>
    public Chain(params Preprocessor[] steps)
    {
        ArgumentNullException.ThrowIfNull(steps);
        Steps = steps;
    }

    /// <summary>The preprocessors, in order.</summary>
    public IReadOnlyList<Preprocessor> Steps { get; }

    /// <inheritdoc/>
    public override bool IsFitted => Steps.All(static step => step.IsFitted);

    internal override string Kind => TypeName;

    internal override async ValueTask<Preprocessor> FitCoreAsync(FitSource source, CancellationToken cancellationToken)
    {
        var fitted = new List<Preprocessor>();
        foreach (var step in Steps)
        {
            fitted.Add(step.IsFitted ? step : await step.FitCoreAsync(source, cancellationToken));
            source = source.After(fitted[^1]);
        }

        return new Chain([.. fitted]);
    }

    internal override RecordBatch TransformFitted(RecordBatch batch) =>
        Steps.Aggregate(batch, static (rows, step) => step.TransformFitted(rows));

    internal override Schema TransformSchema(Schema input) =>
        Steps.Aggregate(input, static (schema, step) => step.TransformSchema(schema));

    internal override JsonObject ToNode()
    {
        var node = PreprocessorJson.Head(TypeName, 1);
        node["steps"] = new JsonArray([.. Steps.Select(static step => step.ToNode())]);
        return node;
    }

    internal static Chain Read(JsonObject node) =>
        new([.. node["steps"]!.AsArray().Select(static step => PreprocessorJson.Read(step!.AsObject()))]);
}
