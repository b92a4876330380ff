using System.Text.Json;
using System.Text.Json.Nodes;
using Air.Orleans.Data.Plans;
using Air.Orleans.Data.Preprocessing;

namespace Air.Orleans.Data;

/// <summary>
/// A transformation of columns that may first have to learn something of the rows. Immutable: fitting gives a new, fitted
/// preprocessor. The fitted state rides in every checkpoint as versioned JSON, so training, batch prediction and serving
/// transform alike, bit for bit. Thread-safe.
/// </summary>
public abstract class Preprocessor
{
    private protected Preprocessor() { }

    /// <summary>Whether it has learnt what it needs and can transform.</summary>
    public abstract bool IsFitted { get; }

    /// <summary>Its name in JSON and in errors.</summary>
    internal abstract string Kind { get; }

    /// <summary>
    /// Learns from the rows of <paramref name="dataset"/>: each block computes its part where it lies, and the parts are merged.
    /// </summary>
    /// <returns>The fitted preprocessor; this one is unchanged.</returns>
    /// <exception cref="DatasetException">A column is missing, is not numeric, or has no value at all.</exception>
    public Task<Preprocessor> FitAsync(Dataset dataset, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        return FitAsync(new FitSource(dataset.Cluster.Services, dataset.Plan), cancellationToken);
    }

    /// <summary>The dataset with every block transformed, when rows are asked for.</summary>
    /// <exception cref="InvalidOperationException">It is not fitted.</exception>
    public Dataset Transform(Dataset dataset)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        RequireFitted();
        return dataset.With(new PreprocessOperator(ToJson()));
    }

    /// <summary>One batch transformed, with the same values that it would have in a dataset.</summary>
    /// <exception cref="InvalidOperationException">It is not fitted.</exception>
    /// <exception cref="DatasetException">A column is missing, or holds a null where none may be.</exception>
    public RecordBatch Transform(RecordBatch batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        RequireFitted();
        return TransformFitted(batch);
    }

    /// <summary>The preprocessor and what it has learnt, as JSON with a version.</summary>
    public string ToJson() => ToNode().ToJsonString(PreprocessorJson.Options);

    /// <summary>Reads what <see cref="ToJson"/> wrote.</summary>
    /// <exception cref="FormatException">It is no JSON of a preprocessor, or of a newer version.</exception>
    public static Preprocessor FromJson(string json)
    {
        ArgumentNullException.ThrowIfNull(json);
        try
        {
            return PreprocessorJson.Read(
                JsonNode.Parse(json) as JsonObject ?? throw new FormatException("A preprocessor is a JSON object.")
            );
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or NullReferenceException)
        {
            throw new FormatException($"The JSON of the preprocessor cannot be read: {error.Message}", error);
        }
    }

    internal abstract ValueTask<Preprocessor> FitCoreAsync(FitSource source, CancellationToken cancellationToken);

    internal abstract RecordBatch TransformFitted(RecordBatch batch);

    internal abstract Schema TransformSchema(Schema input);

    internal abstract JsonObject ToNode();

    internal async Task<Preprocessor> FitAsync(FitSource source, CancellationToken cancellationToken) =>
        await FitCoreAsync(source, cancellationToken);

    private protected void RequireFitted()
    {
        if (!IsFitted)
        {
            throw new InvalidOperationException(
                $"{Kind} is not fitted. Call FitAsync with the training rows first, or give it to a trainer, which does."
            );
        }
    }
}
