using System.Net;
using Air.Orleans.Silo.Configuration;
using Microsoft.Extensions.Configuration;

namespace Air.Orleans.Silo.Tests;

public sealed class SettingsReaderTests
{
    private static readonly Dictionary<string, IReadOnlyList<string>> NoFlags = [];

    [Fact]
    public void Read_EverythingWrong_TellsEveryFaultInOneMessage()
    {
        var error = Assert.Throws<SettingsException>(() =>
            SettingsReader.Read(
                Of(
                    ("Air:SiloPort", "70000"),
                    ("Air:GatewayPort", "9000"),
                    ("Air:AdminPort", "9000"),
                    ("Air:Address", "here"),
                    ("Air:Cluster", "nonsense"),
                    ("Air:Resources", "GPU=many"),
                    ("Air:Labels", "zone"),
                    ("Air:DrainSeconds", "soon"),
                    ("Air:BlockMemory", "much"),
                    ("Air:Logging:Format", "xml"),
                    ("Air:Dashboard", "yes"),
                    ("Air:HtpPort", "1"),
                    ("Air:Security:SecretFil", "x"),
                    ("AIR_SILO_PROT", "1")
                ),
                NoFlags
            )
        );

        string[] expected =
        [
            "Air:SiloPort is '70000': a port is a number from 0 to 65535",
            "Air:GatewayPort and Air:AdminPort are both 9000",
            "Air:Address is 'here'",
            "Air:Cluster is 'nonsense'",
            "Air:Resources is 'GPU=many'",
            "Air:Labels is 'zone'",
            "Air:DrainSeconds is 'soon'",
            "Air:BlockMemory is 'much'",
            "Air:Logging:Format is 'xml': it must be text or json",
            "Air:Dashboard is 'yes': it must be true or false",
            "Air:HtpPort is no setting of a silo. Did you mean 'HttpPort'?",
            "Air:Security:SecretFil is no setting of a silo. Did you mean 'Security:SecretFile'?",
            "AIR_SILO_PROT is no setting of a silo. Did you mean 'AIR_SILO_PORT'?",
        ];
        Assert.All(expected, fault => Assert.Contains(fault, error.Message, StringComparison.Ordinal));
        Assert.Equal(expected.Length, error.Faults.Count);
    }

    [Theory]
    [InlineData("Air:AdminKey", "short", "Air:AdminKey has 5 characters")]
    [InlineData("Air:AdminKeyFile", "/nowhere/key", "Air:AdminKeyFile is '/nowhere/key'")]
    [InlineData("Air:Address", "0.0.0.0", "must be one address of this machine")]
    [InlineData("Air:DrainSeconds", "4000", "at most 3600")]
    [InlineData("Air:Load", "/nowhere/code.dll", "there is no such file")]
    public void Read_OneFault_TellsIt(string key, string value, string expected)
    {
        var error = Assert.Throws<SettingsException>(() => SettingsReader.Read(Of((key, value)), NoFlags));

        Assert.Contains(expected, Assert.Single(error.Faults), StringComparison.Ordinal);
    }

    [Fact]
    public void Read_SettingsThatContradict_AreRefused()
    {
        var error = Assert.Throws<SettingsException>(() =>
            SettingsReader.Read(
                Of(
                    ("Air:Dashboard", "true"),
                    ("Air:AdminPort", "off"),
                    ("Air:AdminOpen", "true"),
                    ("Air:AdminAddress", "0.0.0.0"),
                    ("Air:Kubernetes", "true")
                ),
                NoFlags
            )
        );

        Assert.Equal(4, error.Faults.Count);
    }

    [Theory]
    [InlineData("AIR_ADMIN_KEY", "a key of these tests", "without TLS (Air:Security:Certificate, Key and Authority):")]
    [InlineData("AIR_ADMIN_ADDRESS", "10.0.0.5", "without TLS (Air:Security:Certificate, Key and Authority) and a key")]
    public void Read_AdminPortBeyondLoopback_WantsTlsAndAKey(string name, string value, string expected)
    {
        var settings = Of(("Air:AdminAddress", "0.0.0.0"), (name, value));

        var error = Assert.Throws<SettingsException>(() => SettingsReader.Read(settings, NoFlags));

        Assert.Contains(expected, Assert.Single(error.Faults), StringComparison.Ordinal);
        SettingsReader.Read(Of(("Air:AdminAddress", "0.0.0.0"), ("AIR_INSECURE", "true")), NoFlags);
        SettingsReader.Read(Of(("Air:AdminAddress", "0.0.0.0"), ("Air:AdminPort", "off")), NoFlags);
    }

    [Fact]
    public void Read_SecretThatIsRefused_IsNotShown()
    {
        var error = Assert.Throws<SettingsException>(() =>
            SettingsReader.Read(Of(("AIR_ADMIN_KEY", "hunter2")), NoFlags)
        );

        Assert.DoesNotContain("hunter2", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_SameSettingThrice_FlagWinsOverVariableOverFile()
    {
        var both = Of(("Air:SiloPort", "1"), ("AIR_SILO_PORT", "2"));

        Assert.Equal(1, SettingsReader.Read(Of(("Air:SiloPort", "1")), NoFlags).SiloPort);
        Assert.Equal(2, SettingsReader.Read(both, NoFlags).SiloPort);
        Assert.Equal(
            3,
            SettingsReader
                .Read(both, new Dictionary<string, IReadOnlyList<string>> { ["--silo-port"] = ["3"] })
                .SiloPort
        );
    }

    [Fact]
    public void Read_ValuesOfEveryKind_AreRead()
    {
        var settings = SettingsReader.Read(
            Of(
                ("Air:Address", "10.0.0.5"),
                ("Air:HttpPort", "off"),
                ("Air:AdminPort", null),
                ("Air:DrainSeconds", "2.5"),
                ("Air:BlockMemory", "2GB"),
                ("Air:Logging:Format", "JSON"),
                ("Air:Cluster", "redis://10.0.0.4:6379?cluster=x")
            ),
            NoFlags
        );

        Assert.Equal(IPAddress.Parse("10.0.0.5"), settings.Address);
        Assert.Null(settings.HttpPort);
        Assert.Null(settings.AdminPort);
        Assert.Equal(TimeSpan.FromSeconds(2.5), settings.DrainSeconds);
        Assert.Equal(2L << 30, settings.BlockMemory);
        Assert.Equal(LogFormat.Json, settings.LoggingFormat);
        Assert.Equal("redis", settings.Cluster.Scheme);
    }

    [Fact]
    public void AppSettings_OfTheSilo_AreTheDefaults()
    {
        var shipped = SettingsReader.Read(
            new ConfigurationBuilder().AddJsonFile(Path.Combine(AppContext.BaseDirectory, "appsettings.json")).Build(),
            NoFlags
        );

        var plain = new SiloSettings();
        Assert.Equal(plain with { Load = [], Cluster = shipped.Cluster }, shipped with { Load = [] });
        Assert.Equal(plain.Cluster.ToString(), shipped.Cluster.ToString());
    }

    private static IConfiguration Of(params (string Key, string? Value)[] pairs) =>
        new ConfigurationBuilder()
            .AddInMemoryCollection(pairs.Select(static pair => KeyValuePair.Create(pair.Key, pair.Value)))
            .Build();
}
