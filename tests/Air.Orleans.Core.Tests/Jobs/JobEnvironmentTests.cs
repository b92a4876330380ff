using System.Net;
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

    /// <summary>Start-up hooks and preloaded libraries would run what the list does not name.</summary>
    [Theory]
    [InlineData("DOTNET_STARTUP_HOOKS")]
    [InlineData("dotnet_startup_hooks")]
    [InlineData("CORECLR_PROFILER_PATH")]
    [InlineData("COMPlus_EnableDiagnostics")]
    [InlineData("LD_PRELOAD")]
    [InlineData("DYLD_INSERT_LIBRARIES")]
    [InlineData("PATH")]
    [InlineData("BASH_FUNC_setsid%%")]
    public void AddTo_VariableThatLoadsCodeWhereCodeIsNamed_IsRefused(string variable)
    {
        var variables = new Dictionary<string, string?>();
        var job = Job(("MODE", "fast"), (variable, "/tmp/other.dll"));

        var error = Assert.Throws<AirException>(() =>
            Environment(Options with { AllowedCode = ["code"] }).AddTo(variables, job, attempt: 1, devices: [])
        );
        Environment().AddTo(variables, job, attempt: 1, devices: []);

        Assert.Contains($"sets {variable},", error.Message, StringComparison.Ordinal);
        Assert.Contains("AllowedCode", error.Message, StringComparison.Ordinal);
        Assert.Equal("/tmp/other.dll", variables[variable]);
    }

    private static JobEnvironment Environment() => Environment(Options);

    private static JobEnvironment Environment(SecurityOptions options)
    {
        var cluster = ClusterUri.Parse("redis://127.0.0.1:6379");
        var security = ClusterSecurity.None with { Options = options };
        return new(security, new SecurityGate(security, IPAddress.Loopback), new JobPlace(cluster, cluster));
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
