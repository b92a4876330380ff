namespace Air.Orleans.Storage.Tests.Conformance;

/// <summary>Membership in Azure tables. The only tests that read the connection from the environment, which is the whole process'.</summary>
[Requires(ServerKind.Azurite)]
public sealed class AzureTableConformance(SharedServer<AzuriteServer> shared)
    : MembershipTableConformance,
        IClassFixture<SharedServer<AzuriteServer>>
{
    protected override string Place => "azure://";

    public override Task InitializeAsync()
    {
        Environment.SetEnvironmentVariable("AZURE_STORAGE_CONNECTION_STRING", shared.Server.ConnectionString);
        return base.InitializeAsync();
    }
}
