using System.Text.Json;
using Air.Orleans.Tune.Grains;

namespace Air.Orleans.Tune;

/// <summary>
/// A search, described: what to try, in which space, and how. Immutable and thread-safe; nothing runs until
/// <c>air.FitAsync(tuner)</c>.
/// </summary>
/// <typeparam name="TParameters">The parameters that are searched.</typeparam>
public sealed record Tuner<TParameters>
    where TParameters : notnull
{
    /// <summary>Describes a search.</summary>
    /// <param name="trainable">What each trial runs, such as a trainer; its parameters are those that the space varies.</param>
    /// <param name="space">What may be tried.</param>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    public Tuner(ITrainable<TParameters> trainable, SearchSpace<TParameters> space)
    {
        ArgumentNullException.ThrowIfNull(trainable);
        ArgumentNullException.ThrowIfNull(space);
        Trainable = trainable;
        Space = space;
    }

    /// <summary>Gives what each trial runs.</summary>
    public ITrainable<TParameters> Trainable { get; }

    /// <summary>Gives what may be tried.</summary>
    public SearchSpace<TParameters> Space { get; }

    /// <summary>Gives how the search goes; it has no default, as only the user knows which metric counts.</summary>
    public required TuneConfig Config { get; init; }

    /// <summary>
    /// Gives the search's name in the cluster. A search that is fitted again under its name is not started anew: it goes on
    /// where it stands, or gives the results it has.
    /// </summary>
    /// <value><see langword="null"/>: "tune-" and a number that no other search has.</value>
    public string? Name { get; init; }

    internal TuneRequest Prepare(IAirCluster cluster)
    {
        ArgumentNullException.ThrowIfNull(Config);
        Config.Validate(Space.Dimensions);
        object? baseline = Trainable.Parameters;
        if (baseline is null)
        {
            throw new ArgumentException(
                "The trainable's Parameters are null, but a search varies them. Set them to the values to start from."
            );
        }

        var type = baseline.GetType();
        return new TuneRequest(
            Write(Config, typeof(TuneConfig), "TuneConfig"),
            Write(Space.Dimensions, typeof(IReadOnlyList<Domain>), "The search space"),
            Write(baseline, type, "The trainable's Parameters"),
            Space.Dimensions.ToDictionary(
                static domain => domain.Name,
                domain => ParameterBinding.JsonName(type, domain.Name)
            ),
            Trainable.Prepare(cluster)
        );
    }

    private static string Write(object value, Type type, string what)
    {
        try
        {
            return JsonSerializer.Serialize(value, type, TuneJson.Options);
        }
        catch (Exception fault) when (fault is NotSupportedException or JsonException or InvalidOperationException)
        {
            throw new ArgumentException(
                $"{what} cannot travel to the cluster as JSON, but must: {fault.Message} Use the schedulers and searchers of "
                    + "this library, and parameters that System.Text.Json can write.",
                fault
            );
        }
    }
}
