namespace Air.Orleans.Core.Resources.Control;

/// <summary>What the ledger says to a request: granted, waiting with the reason, or never possible.</summary>
[GenerateSerializer, Immutable, Alias("air.core.LeaseAnswer")]
internal abstract record LeaseAnswer;

/// <summary>The bundles are reserved on <paramref name="Silo"/> until the lease is released or that silo is lost.</summary>
[GenerateSerializer, Immutable, Alias("air.core.LeaseAnswer.Granted")]
internal sealed record LeaseGranted([property: Id(0)] SiloAddress Silo) : LeaseAnswer;

/// <summary>The request stands in the queue.</summary>
[GenerateSerializer, Immutable, Alias("air.core.LeaseAnswer.Pending")]
internal sealed record LeasePending([property: Id(0)] string Reason) : LeaseAnswer;

/// <summary>No present silo could ever serve the request.</summary>
[GenerateSerializer, Immutable, Alias("air.core.LeaseAnswer.Impossible")]
internal sealed record LeaseImpossible([property: Id(0)] string Reason) : LeaseAnswer;
