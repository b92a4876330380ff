namespace Air.Orleans.Core.Resources.Control;

/// <summary>What the ledger says to a request.</summary>
[GenerateSerializer, Immutable, Alias("air.core.LeaseAnswer")]
internal abstract record LeaseAnswer;

/// <summary>All bundles are reserved, under this stamp, until it is released or lost.</summary>
[GenerateSerializer, Immutable, Alias("air.core.LeaseAnswer.Granted")]
internal sealed record LeaseGranted([property: Id(0)] Guid Stamp, [property: Id(1)] LeasedBundle[] Bundles)
    : LeaseAnswer;

/// <summary>The request stands in the queue.</summary>
[GenerateSerializer, Immutable, Alias("air.core.LeaseAnswer.Pending")]
internal sealed record LeasePending([property: Id(0)] string Reason) : LeaseAnswer;

/// <summary>It is not granted: no present silo could ever serve it, or it was not to wait.</summary>
[GenerateSerializer, Immutable, Alias("air.core.LeaseAnswer.Refused")]
internal sealed record LeaseRefused([property: Id(0)] string Reason) : LeaseAnswer;

/// <summary>Where a bundle stands, and the indices of its GPUs there.</summary>
[GenerateSerializer, Immutable, Alias("air.core.LeasedBundle")]
internal sealed record LeasedBundle([property: Id(0)] SiloAddress Silo, [property: Id(1)] int[] Devices);
