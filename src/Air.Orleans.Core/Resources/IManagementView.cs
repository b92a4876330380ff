namespace Air.Orleans.Core.Resources;

/// <summary>Which silos are alive, as this silo sees the membership.</summary>
internal interface IManagementView
{
    ValueTask<IReadOnlyCollection<SiloAddress>> ActiveSilosAsync();
}
