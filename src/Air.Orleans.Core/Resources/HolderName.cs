namespace Air.Orleans.Core.Resources;

/// <summary>The name under which this process holds leases.</summary>
internal sealed record HolderName(string Value, bool IsSilo)
{
    /// <summary>A silo holds leases for as long as it is a member.</summary>
    public static string Of(SiloAddress silo) => $"silo {silo}";

    /// <summary>A client holds leases for as long as it says that it is alive.</summary>
    public static HolderName OfClient() =>
        new($"client {Environment.MachineName}:{Environment.ProcessId} {Guid.NewGuid():N}", IsSilo: false);
}
