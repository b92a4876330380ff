using System.Text.RegularExpressions;
using Air.Orleans.Core;
using Air.Orleans.Silo.Configuration;
using Air.Orleans.Tests;
using k8s;
using k8s.Models;
using Microsoft.Extensions.Configuration;
using YamlDotNet.RepresentationModel;

namespace Air.Orleans.Silo.Tests;

/// <summary>What the files in silo/deploy say is what the silo knows.</summary>
public sealed partial class DeployFilesTests
{
    private static string Folder => Path.Combine(Repository.Root, "silo", "deploy");

    /// <summary>The files that the settings name are not on this machine; that each is looked for is tested elsewhere.</summary>
    private static readonly Dictionary<string, string?> NoFiles = new()
    {
        ["Air:AdminKeyFile"] = "",
        ["Air:Security:SecretFile"] = "",
        ["Air:Security:Certificate"] = "",
        ["Air:Security:Key"] = "",
        ["Air:Security:Authority"] = "",
        ["Air:Security:ApiKeysFile"] = "",
        ["Air:Security:AllowInsecure"] = "true",
    };

    public static TheoryData<string> Files() =>
        [
            .. Directory
                .GetFiles(Folder, "*", SearchOption.AllDirectories)
                .Select(static file => Path.GetRelativePath(Folder, file)),
        ];

    [Theory]
    [MemberData(nameof(Files))]
    public async Task Names_OfAFile_AreSettingsOfTheSilo(string file)
    {
        var text = await File.ReadAllTextAsync(Path.Combine(Folder, file));
        var variables = Setting.All.Select(static setting => setting.Variable).ToHashSet();
        var security = typeof(SecurityOptions)
            .GetProperties()
            .Select(static it => $"Air__Security__{it.Name}")
            .ToHashSet();
        var flags = Setting.All.Select(static setting => setting.Flag).Append(ConfigurationFiles.Flag).ToHashSet();

        Assert.All(Variable().Matches(text), name => Assert.Contains(name.Value, variables));
        Assert.All(DoubleVariable().Matches(text), name => Assert.Contains(name.Value, security));
        Assert.All(SiloFlag().Matches(text), name => Assert.Contains(name.Groups[1].Value, flags));
    }

    [Fact]
    public void Json_ForTheUnit_IsWithoutFault()
    {
        var configuration = new ConfigurationBuilder()
            .AddJsonFile(Path.Combine(Folder, "systemd", "silo.json"))
            .AddInMemoryCollection(NoFiles)
            .Build();

        var settings = SettingsReader.Read(configuration, new Dictionary<string, IReadOnlyList<string>>());

        Assert.Equal("redis", settings.Cluster.Scheme);
    }

    [Fact]
    public async Task Kubernetes_Manifests_AreReadStrictlyAndFitEachOther()
    {
        var all = KubernetesYaml.LoadAllFromString(
            await File.ReadAllTextAsync(Path.Combine(Folder, "kubernetes", "air-silo.yaml")),
            strict: true
        );
        var set = Assert.Single(all.OfType<V1StatefulSet>());
        var pod = set.Spec.Template.Spec;
        var silo = Assert.Single(pod.Containers);
        var ports = silo.Ports.ToDictionary(static port => port.Name, static port => $"{port.ContainerPort}");
        var values = silo.Env.ToDictionary(static it => it.Name, static it => it.Value);
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(values.Where(static it => it.Value is not null && it.Key != "AIR_ADMIN_KEY_FILE")!)
            .AddInMemoryCollection(all.OfType<V1ConfigMap>().Single().Data!)
            .AddInMemoryCollection([KeyValuePair.Create<string, string?>("AIR_ADDRESS", "10.0.0.5")])
            .AddInMemoryCollection(NoFiles)
            .Build();
        var settings = SettingsReader.Read(configuration, new Dictionary<string, IReadOnlyList<string>>());

        Assert.Equal(
            [ports["silo"], ports["gateway"], ports["http"], ports["admin"]],
            [values["AIR_SILO_PORT"], values["AIR_GATEWAY_PORT"], values["AIR_HTTP_PORT"], values["AIR_ADMIN_PORT"]]
        );
        Assert.Equal(
            ["/livez", "/livez", "/readyz"],
            new[] { silo.StartupProbe, silo.LivenessProbe, silo.ReadinessProbe }.Select(static it => it.HttpGet.Path)
        );
        Assert.All(
            new[] { silo.StartupProbe, silo.LivenessProbe, silo.ReadinessProbe },
            static probe => Assert.Equal("HTTPS", probe.HttpGet.Scheme)
        );
        Assert.True(pod.TerminationGracePeriodSeconds >= settings.DrainSeconds.TotalSeconds + 20 + 5);
        Assert.Equal(settings.Cluster.ClusterId, set.Spec.Template.Metadata.Labels["orleans/clusterId"]);
        Assert.Equal(ClusterUri.ServiceId, set.Spec.Template.Metadata.Labels["orleans/serviceId"]);
        Assert.All(
            all.OfType<V1Service>(),
            service => Assert.All(service.Spec.Ports, port => Assert.Contains(port.TargetPort.Value, ports.Keys))
        );
        Assert.Equal(pod.ServiceAccountName, all.OfType<V1RoleBinding>().Single().Subjects.Single().Name);
        Assert.All(all.OfType<V1PodDisruptionBudget>(), static it => Assert.Equal("1", it.Spec.MaxUnavailable.Value));
        Assert.True(pod.SecurityContext.RunAsNonRoot);
    }

    /// <summary>Beyond loopback a silo does not start without them.</summary>
    [Theory]
    [InlineData("systemd/silo.json")]
    [InlineData("compose.yaml")]
    [InlineData("kubernetes/air-silo.yaml")]
    [InlineData("azure/cloud-init.yaml")]
    public async Task Security_OfSilosBeyondLoopback_IsWhole(string file)
    {
        var text = await File.ReadAllTextAsync(Path.Combine(Folder, file));

        Assert.All(
            ["SecretFile", "ApiKeysFile", "Certificate", "Key", "Authority"],
            name => Assert.Matches($@"(""|Air__Security__){name}\b", text)
        );
    }

    [Fact]
    public void Kubernetes_FieldThatIsMisspelt_IsRefused() =>
        Assert.ThrowsAny<Exception>(() =>
            KubernetesYaml.LoadAllFromString(
                "apiVersion: v1\nkind: ServiceAccount\nmetadata:\n  nam: x\n",
                strict: true
            )
        );

    [Fact]
    public async Task Compose_File_GivesEachSiloItsOwnAddressAndTheDrainItsTime()
    {
        var root = Yaml(await File.ReadAllTextAsync(Path.Combine(Folder, "compose.yaml")));
        var services = (YamlMappingNode)root["services"];
        var silos = services
            .Children.Where(static it => $"{it.Key}".StartsWith("silo-", StringComparison.Ordinal))
            .ToList();
        var addresses = silos.Select(static it => $"{it.Value["networks"]["silos"]["ipv4_address"]}").ToList();

        Assert.Equal(addresses, silos.Select(static it => $"{it.Value["environment"]["AIR_ADDRESS"]}"));
        Assert.Equal(addresses.Count, addresses.Distinct().Count());
        Assert.Equal("60s", $"{root["x-silo"]["stop_grace_period"]}");
        Assert.All(
            silos.SelectMany(static it => (YamlSequenceNode)it.Value["ports"]),
            static port => Assert.StartsWith("127.0.0.1:", $"{port}", StringComparison.Ordinal)
        );
        Assert.True(
            File.Exists(
                Path.GetFullPath(
                    Path.Combine(
                        Folder,
                        $"{root["x-silo"]["build"]["context"]}",
                        $"{root["x-silo"]["build"]["dockerfile"]}"
                    )
                )
            )
        );
    }

    [Fact]
    public async Task CloudInit_ForAzure_IsYamlAndHasThePlacesThatBicepFills()
    {
        var text = await File.ReadAllTextAsync(Path.Combine(Folder, "azure", "cloud-init.yaml"));
        var bicep = await File.ReadAllTextAsync(Path.Combine(Folder, "azure", "main.bicep"));
        var root = Yaml(text);

        Assert.StartsWith("#cloud-config\n", text, StringComparison.Ordinal);
        Assert.NotEmpty((YamlSequenceNode)root["runcmd"]);
        foreach (var place in new[] { "{cluster}", "{package}", "{vault}" })
        {
            Assert.Contains(place, text, StringComparison.Ordinal);
            Assert.Contains($"'{place}'", bicep, StringComparison.Ordinal);
        }

        Assert.Contains("port: 9000", bicep, StringComparison.Ordinal);
        Assert.Contains("AIR_ADMIN_PORT=9000", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Unit_OfSystemd_GivesTheDrainItsTime()
    {
        var unit = await File.ReadAllTextAsync(Path.Combine(Folder, "systemd", "air-silo.service"));
        var drain = int.Parse(Regex.Match(unit, "AIR_DRAIN_SECONDS=([0-9]+)").Groups[1].Value);

        Assert.True(int.Parse(Regex.Match(unit, "TimeoutStopSec=([0-9]+)").Groups[1].Value) >= drain + 20 + 5);
        Assert.Contains("Type=notify", unit, StringComparison.Ordinal);
    }

    private static YamlMappingNode Yaml(string text)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(text));
        return (YamlMappingNode)Assert.Single(stream.Documents).RootNode;
    }

    [GeneratedRegex("AIR_[A-Z_]+")]
    private static partial Regex Variable();

    [GeneratedRegex("Air__[A-Za-z_]+")]
    private static partial Regex DoubleVariable();

    [GeneratedRegex(@"air-silo/air-silo (--[a-z-]+)")]
    private static partial Regex SiloFlag();
}
