namespace Air.Orleans.Core.Resources;

/// <summary>The membership as Orleans keeps it on this silo; asking costs no message.</summary>
internal sealed class MembershipView(IServiceProvider services) : IManagementView
{
    public ValueTask<IReadOnlyCollection<SiloAddress>> ActiveSilosAsync()
    {
        var oracle = services.GetRequiredService<ISiloStatusOracle>();
        IReadOnlyCollection<SiloAddress> active = [.. oracle.GetApproximateSiloStatuses(onlyActive: true).Keys];
        return ValueTask.FromResult(active);
    }
}
