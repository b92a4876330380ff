using System.Text.Json.Serialization;

namespace Air.Orleans.Tune;

/// <summary>
/// The choice of a rule that ends bad trials early, and its settings: an immutable description that makes a
/// <see cref="TrialScheduler"/> for each search. The schedulers of this library are JSON-serialisable through this
/// interface.
/// </summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(Fifo), "fifo")]
[JsonDerivedType(typeof(Asha), "asha")]
public interface ITrialScheduler
{
    /// <summary>Makes the scheduler of a new search.</summary>
    /// <param name="mode">Which direction of a reported value is better.</param>
    /// <param name="seed">Any number: where the rule draws, the same seed gives the same draws.</param>
    TrialScheduler Create(Mode mode, long seed);

    /// <summary>Gives what is wrong with the settings, one text for each fault; none when all is well.</summary>
    IEnumerable<string> FindFaults() => [];
}
