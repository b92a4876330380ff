namespace Air.Orleans.Core.Resources;

/// <summary>The name under which this process holds leases.</summary>
internal sealed record HolderName(string Value, bool IsSilo)
{
    /// <summary>How the names of silos begin.</summary>
    public const string SiloPrefix = "silo ";

    /// <summary>A silo holds leases for as long as it is a member.</summary>
    public static string Of(SiloAddress silo) => $"{SiloPrefix}{silo}";

    /// <summary>A client holds leases for as long as it says that it is alive.</summary>
    public static HolderName OfClient() =>
        new($"client {Environment.MachineName}:{Environment.ProcessId} {Guid.NewGuid():N}", IsSilo: false);
}
