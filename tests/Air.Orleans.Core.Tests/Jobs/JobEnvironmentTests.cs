using Air.Orleans.Core.Jobs;
using Air.Orleans.Core.Jobs.Control;
using Air.Orleans.Core.Security;

namespace Air.Orleans.Core.Tests.Jobs;

public sealed class JobEnvironmentTests
{
    private static readonly SecurityOptions Options = new()
    {
        Certificate = "certs/silo.pem",
        Key = "certs/silo.key",
        Authority = "certs/authority.pem",
        SecretFile = "certs/secret",
        ApiKeys = new Dictionary<string, string> { ["web"] = "a-key-of-the-web-application" },
        CheckRevocation = true,
    };

    /// <summary>The silo's flags may have overruled its environment, and its paths are relative to its own folder.</summary>
    [Fact]
    public void AddTo_SiloWhoseEnvironmentSaysOtherwise_HasWhatTheSiloUsesWhole()
    {
        var variables = new Dictionary<string, string?>
        {
            ["PATH"] = "/bin",
            ["AIR_TLS"] = "elsewhere",
            ["AIR_TLS_CERTIFICATE"] = "certs/another.pem",
            ["AIR_SECRET"] = "a secret that a flag has overruled",
            ["Air__Security__SecretFile"] = "another",
        };

        Environment().AddTo(variables, Job(), attempt: 1, devices: []);

        Assert.Equal("/bin", variables["PATH"]);
        Assert.Equal(Path.GetFullPath("certs/silo.pem"), variables["Air__Security__Certificate"]);
        Assert.Equal(Path.GetFullPath("certs/secret"), variables["Air__Security__SecretFile"]);
        Assert.Equal("a-key-of-the-web-application", variables["Air__Security__ApiKeys__web"]);
        Assert.Equal("true", variables["Air__Security__CheckRevocation"]);
        Assert.DoesNotContain(variables.Keys, static name => name.StartsWith("AIR_TLS", StringComparison.Ordinal));
        Assert.DoesNotContain("AIR_SECRET", variables.Keys);
    }

    [Fact]
    public void AddTo_WhatTheUserGave_GoesAboveAll()
    {
        var variables = new Dictionary<string, string?>();

        Environment().AddTo(variables, Job(("AIR_CLUSTER", "redis://other")), attempt: 2, devices: []);

        Assert.Equal("redis://other", variables["AIR_CLUSTER"]);
        Assert.Equal(("job", "2"), (variables[JobEnvironment.NameVariable], variables["AIR_JOB_ATTEMPT"]));
    }

    private static JobEnvironment Environment()
    {
        var cluster = ClusterUri.Parse("redis://127.0.0.1:6379");
        return new(ClusterSecurity.None with { Options = Options }, new JobPlace(cluster, cluster));
    }

    private static JobSubmission Job(params (string Name, string Value)[] environment) =>
        new(
            Guid.NewGuid(),
            "job",
            "code",
            "program.dll",
            [],
            environment.ToDictionary(static it => it.Name, static it => it.Value),
            new ResourceSet(),
            Retries: 0
        );
}
