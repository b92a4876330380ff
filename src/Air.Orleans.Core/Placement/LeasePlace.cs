namespace Air.Orleans.Core.Placement;

/// <summary>
/// The bundle under which the calls of a scope place grains. It travels with each call, but holds for that call alone: Orleans copies the
/// context of a call into every message, and each copy is one call further from the scope. So what the called grain calls is not placed so.
/// </summary>
[GenerateSerializer, Alias("air.core.LeasePlace"), SerializationCallbacks(typeof(LeasePlaceCopies))]
internal sealed class LeasePlace(string group, int bundle, SiloAddress silo)
{
    public const string ContextKey = "air.lease";

    [Id(0)]
    public string Group { get; private set; } = group;

    [Id(1)]
    public int Bundle { get; private set; } = bundle;

    [Id(2)]
    public SiloAddress Silo { get; private set; } = silo;

    /// <summary>How many calls lie between the scope and this copy; 0 in the scope itself.</summary>
    [Id(3)]
    public int Calls { get; set; }

    /// <summary>The place that a message's context gives to the grain which it calls; null where it is of an earlier call, or there is none.</summary>
    public static LeasePlace? OfCall(object? value) => value is LeasePlace { Calls: <= 1 } place ? place : null;
}

/// <summary>Counts the calls.</summary>
internal sealed class LeasePlaceCopies
{
#pragma warning disable CA1822 // Orleans' generated copier calls it on an instance.
    public void OnCopied(LeasePlace original, LeasePlace copy) => copy.Calls = original.Calls + 1;
#pragma warning restore CA1822
}
