using System.Text.Json.Serialization;

namespace Air.Orleans.Tune;

/// <summary>
/// The choice of a search algorithm and its settings: an immutable description that makes a <see cref="ISearcher"/> for
/// each search. The algorithms of this library are JSON-serialisable through this interface.
/// </summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(RandomSearch), "random")]
[JsonDerivedType(typeof(GridSearch), "grid")]
public interface ISearchAlgorithm
{
    /// <summary>Makes the searcher of a new search.</summary>
    /// <param name="dimensions">The dimensions to search, in the space's order.</param>
    /// <param name="samples">How often the whole grid is repeated, at least 1.</param>
    /// <param name="mode">Which direction of an observed value is better.</param>
    /// <param name="seed">Any number: the same seed gives the same suggestions.</param>
    ISearcher Create(IReadOnlyList<Domain> dimensions, int samples, Mode mode, long seed);

    /// <summary>Gives what is wrong with searching these dimensions, one text for each fault; none when all is well.</summary>
    /// <param name="dimensions">The dimensions to search.</param>
    /// <param name="samples">How often the whole grid is repeated.</param>
    IEnumerable<string> FindFaults(IReadOnlyList<Domain> dimensions, int samples) => [];
}
