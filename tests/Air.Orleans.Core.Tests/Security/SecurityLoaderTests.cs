using System.Security.Cryptography.X509Certificates;
using Air.Orleans.Core.Security;
using Air.Orleans.Tests;
using Microsoft.Extensions.Time.Testing;

namespace Air.Orleans.Core.Tests.Security;

/// <summary>What is said of settings that do not hold together.</summary>
public sealed class SecurityLoaderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public SecurityLoaderTests() =>
        SecurityFolder.Create(_folder.Path, [], days: 30, force: false, TimeProvider.System);

    public void Dispose() => _folder.Dispose();

    private SecurityOptions Whole =>
        new()
        {
            Certificate = In("silo.pem"),
            Key = In("silo.key"),
            Authority = In("authority.pem"),
            SecretFile = In("secret"),
            ApiKeysFile = In("api-keys"),
        };

    [Fact]
    public void Load_FolderThatCertsMade_HasTlsSecretAndKeys()
    {
        var security = SecurityLoader.Load(Whole, isSilo: true, TimeProvider.System);

        Assert.True(security.Tls.IsOn);
        Assert.True(security.Secret.IsSet);
        Assert.NotNull(security.ApiKeys.NameOf(security.ApiKeys.First!));
        Assert.Empty(
            SecurityLoader.FaultsOf(
                Whole with
                {
                    Certificate = In("client.pem"),
                    Key = In("client.key"),
                },
                isSilo: false,
                TimeProvider.System
            )
        );
    }

    [Fact]
    public void Load_Nothing_IsOff()
    {
        var security = SecurityLoader.Load(new(), isSilo: true, TimeProvider.System);

        Assert.False(security.Tls.IsOn || security.Secret.IsSet || security.ApiKeys.IsSet);
    }

    [Fact]
    public void Load_SeveralFaults_TellsAllAtOnce()
    {
        var error = Assert.Throws<AirException>(() =>
            SecurityLoader.Load(
                Whole with
                {
                    Certificate = In("nowhere.pem"),
                    Authority = In("silo.key"),
                    SecretFile = null,
                    Secret = "too short",
                    ApiKeysFile = In("authority.pem"),
                },
                isSilo: true,
                TimeProvider.System
            )
        );

        var lines = error.Message.Split('\n');
        Assert.Equal(4, lines.Length);
        Assert.Contains("AIR_TLS_CERTIFICATE", lines[0], StringComparison.Ordinal);
        Assert.Contains("nowhere.pem' cannot be read: there is no such file", lines[0], StringComparison.Ordinal);
        Assert.Contains("silo.key' holds no certificate in PEM", lines[1], StringComparison.Ordinal);
        Assert.Contains("has 9 characters and must have 32", lines[2], StringComparison.Ordinal);
        Assert.Contains("must be NAME=KEY", lines[3], StringComparison.Ordinal);
        Assert.DoesNotContain("too short", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_KeyOfAnotherCertificate_NamesBothFiles() =>
        AssertFault(
            Whole with
            {
                Key = In("client.key"),
            },
            "client.key' holds no private key that belongs to the certificate CN=silo, O=Air.Orleans in"
        );

    [Fact]
    public void Load_CertificateWithoutItsKey_NamesWhatIsMissing() =>
        AssertFault(Whole with { Key = null }, "Air:Security:Key (AIR_TLS_KEY) is not set");

    [Fact]
    public void Load_AuthorityThatDidNotSign_NamesIssuerAndAuthority()
    {
        using var other = new TemporaryFolder();
        SecurityFolder.Create(other.Path, [], days: 30, force: false, TimeProvider.System);

        AssertFault(
            Whole with
            {
                Authority = Path.Combine(other.Path, "authority.pem"),
            },
            "give the authority that signed it"
        );
    }

    [Fact]
    public void Load_CertificateForClientsInASilo_SaysWhatASiloNeeds() =>
        AssertFault(Whole with { Certificate = In("client.pem"), Key = In("client.key") }, "is not meant for a silo");

    [Theory]
    [InlineData(31, "expired on")]
    [InlineData(-1, "only; give one that is valid now")]
    public void Load_OutsideOfItsDays_SaysWhich(int days, string text)
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow().AddDays(days));

        var faults = SecurityLoader.FaultsOf(Whole, isSilo: true, time);

        Assert.Contains(text, Assert.Single(faults), StringComparison.Ordinal);
    }

    [Fact]
    public void Create_FilesThatAreThere_AreKeptUnlessForced()
    {
        var before = File.ReadAllText(In("silo.pem"));

        var error = Assert.Throws<AirException>(() =>
            SecurityFolder.Create(_folder.Path, [], days: 1, force: false, TimeProvider.System)
        );

        Assert.Contains("--force", error.Message, StringComparison.Ordinal);
        Assert.Equal(before, File.ReadAllText(In("silo.pem")));
        SecurityFolder.Create(_folder.Path, [], days: 1, force: true, TimeProvider.System);
        Assert.NotEqual(before, File.ReadAllText(In("silo.pem")));
    }

    [Fact]
    public void Create_Secrets_CanBeReadByTheirOwnerOnly()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        foreach (var file in new[] { "authority.key", "silo.key", "client.key", "secret", "api-keys" })
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(In(file)));
        }
    }

    [Fact]
    public void Create_Hosts_AreInTheSilosCertificateBesideLoopback()
    {
        using var folder = new TemporaryFolder();
        SecurityFolder.Create(folder.Path, ["ml.example", "10.0.0.5"], days: 1, force: false, TimeProvider.System);

        using var silo = X509CertificateLoader.LoadCertificateFromFile(Path.Combine(folder.Path, "silo.pem"));
        Assert.All(
            ["ml.example", "10.0.0.5", "localhost", "127.0.0.1"],
            name => Assert.True(silo.MatchesHostname(name), name)
        );
    }

    [Fact]
    public void ToString_OfOptionsAndWhatTheyBecome_HoldsNoSecret()
    {
        const string secret = "a-secret-of-more-than-32-characters";
        var options = new SecurityOptions
        {
            Secret = secret,
            ApiKeys = new Dictionary<string, string> { ["web"] = secret },
        };
        var security = SecurityLoader.Load(options, isSilo: true, TimeProvider.System);
        var air = new AirOptions { Security = options };

        foreach (
            var text in new[] { $"{options}", $"{security}", $"{security.Secret}", $"{security.ApiKeys}", $"{air}" }
        )
        {
            Assert.DoesNotContain(secret, text, StringComparison.Ordinal);
        }

        Assert.DoesNotContain(secret, System.Text.Json.JsonSerializer.Serialize(options), StringComparison.Ordinal);
    }

    private static void AssertFault(SecurityOptions options, string text)
    {
        var error = Assert.Throws<AirException>(() => SecurityLoader.Load(options, isSilo: true, TimeProvider.System));

        Assert.DoesNotContain('\n', error.Message);
        Assert.Contains(text, error.Message, StringComparison.Ordinal);
    }

    private string In(string file) => Path.Combine(_folder.Path, file);
}
