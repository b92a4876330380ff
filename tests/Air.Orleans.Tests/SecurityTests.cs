using System.Net;
using Air.Orleans.Core;
using Air.Orleans.Core.Jobs.Control;
using Air.Orleans.Core.Jobs.Grains;
using Air.Orleans.Core.Security;
using Air.Orleans.Data;
using Air.Orleans.Serve.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Orleans.Configuration;

namespace Air.Orleans.Tests;

/// <summary>Security as hosts and clients set it, in this process.</summary>
public sealed class SecurityTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly TemporaryFolder _folder = new();

    private string Certs => Path.Combine(_folder.Path, "certs");

    public SecurityTests() => SecurityFolder.Create(Certs, [], days: 2, force: false, TimeProvider.System);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Http_WithTlsAndKeys_TakesBothHeadersAndNobodyElse()
    {
        await using var air = await StartAsync();
        var address = await air.Services.GetRequiredService<HttpIngress>().AddressAsync;
        Assert.Equal("https", address!.Scheme);
        using var known = HttpSecurity.NewClient(air.Services.GetRequiredService<ClusterSecurity>());
        var key = known.DefaultRequestHeaders.Authorization!.Parameter!;
        known.DefaultRequestHeaders.Authorization = null;
        var (health, routes) = (new Uri(address, "/-/healthz"), new Uri(address, "/-/routes"));

        Assert.Equal(HttpStatusCode.OK, await AskAsync(health));
        Assert.Equal(HttpStatusCode.Unauthorized, await AskAsync(routes));
        Assert.Equal(HttpStatusCode.OK, await AskAsync(routes, ("Authorization", $"Bearer {key}")));
        Assert.Equal(HttpStatusCode.OK, await AskAsync(routes, ("Authorization", $"bearer {key}")));
        Assert.Equal(HttpStatusCode.OK, await AskAsync(routes, ("X-Api-Key", key)));
        Assert.Equal(HttpStatusCode.Unauthorized, await AskAsync(routes, ("Authorization", $"Basic {key}")));
        Assert.Equal(HttpStatusCode.Unauthorized, await AskAsync(routes, ("X-Api-Key", key[1..])));
        using (var refused = await known.PostAsync(new Uri(address, "/nothing"), new StringContent("{}")))
        {
            Assert.Equal("application/problem+json", refused.Content.Headers.ContentType!.MediaType);
            Assert.DoesNotContain(key, await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }

        // Who does not believe the authority gets no further than TLS.
        using var stranger = new HttpClient();
        await Assert.ThrowsAsync<HttpRequestException>(() => stranger.GetAsync(health));

        async Task<HttpStatusCode> AskAsync(Uri url, params (string Name, string Value)[] headers)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, url);
            foreach (var (name, value) in headers)
            {
                request.Headers.TryAddWithoutValidation(name, value);
            }

            using var answer = await known.SendAsync(request);
            return answer.StatusCode;
        }
    }

    [Fact]
    public async Task StartLocal_TwoSilosWithTlsAndSecret_ComputeTogether()
    {
        await using var air = await StartAsync(silos: 2);

        Assert.Equal(569, await air.Data.ReadCsv(Repository.Data, new() { BlockSizeBytes = 10_000 }).CountAsync());
    }

    [Fact]
    public async Task Submit_JobWhoseEnvironmentLoadsOtherCode_IsRefusedWhereCodeIsNamed()
    {
        await using var air = await AirCluster.StartLocalAsync(
            new()
            {
                StorageFolder = _folder.Path,
                HttpPort = null,
                Security = new() { AllowedCode = ["My.Loops"] },
            }
        );
        var job = new JobSubmission(
            Guid.NewGuid(),
            "night",
            new string('a', 64),
            "a.dll",
            [],
            new Dictionary<string, string> { ["LD_PRELOAD"] = "/tmp/other.so" },
            new ResourceSet(),
            Retries: 0
        );

        var error = await Assert.ThrowsAsync<AirException>(() =>
            air.Services.GetRequiredService<IGrainFactory>().GetGrain<IJobBookGrain>(0).SubmitAsync(job)
        );

        Assert.Contains("'night' is refused: its environment sets LD_PRELOAD", error.Message, StringComparison.Ordinal);
        Assert.Empty(await air.Jobs.ListAsync());
    }

    [Theory]
    [InlineData(true, "it has no TLS, and this process has")]
    [InlineData(false, "does not ask for a cluster secret, and this process has one")]
    public async Task Connect_WithSecurityToASiloWithout_SaysSoInBoundedTime(bool withTls, string text)
    {
        var uri = ClusterUri.OfFolder(Path.Combine(_folder.Path, "plain"));
        using var host = await StartAsync(uri, new());

        var error = await Assert.ThrowsAsync<AirException>(() =>
            AirCluster.ConnectAsync(
                uri,
                timeout: TimeSpan.FromSeconds(15),
                security: withTls ? Of("client") : new() { SecretFile = Path.Combine(Certs, "secret") }
            )
        );

        Assert.Contains(text, error.Message, StringComparison.Ordinal);
        await host.StopAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Silos_WithOneOfTlsAndSecret_LetEachOtherAndAClientIn(bool withTls)
    {
        SecurityOptions Part(string role) =>
            withTls
                ? Of(role) with
                {
                    SecretFile = null,
                    ApiKeysFile = null,
                }
                : new() { SecretFile = Path.Combine(Certs, "secret") };
        var uri = ClusterUri.OfFolder(Path.Combine(_folder.Path, "part"));
        using var one = await StartAsync(uri, Part("silo"));
        using var other = await StartAsync(uri, Part("silo"));

        await using (var air = await AirCluster.ConnectAsync(uri, security: Part("client"), timeout: Patience))
        {
            Assert.Equal(2, (await air.Silos.ListAsync()).Count);
        }

        await other.StopAsync();
        await one.StopAsync();
    }

    [Fact]
    public async Task Silo_BeyondLoopbackWithoutAnything_DoesNotStartAndSaysWhatToSet()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.UseOrleans(silo =>
            silo.UseAirCluster(ClusterUri.OfFolder(_folder.Path))
                .AddAir(new() { HttpPort = null })
                .Configure<EndpointOptions>(static endpoints =>
                    endpoints.GatewayListeningEndpoint = new IPEndPoint(IPAddress.Any, endpoints.GatewayPort)
                )
        );
        using var host = builder.Build();

        var error = await Assert.ThrowsAsync<AirException>(() => host.StartAsync());

        Assert.StartsWith("The silo would listen on 0.0.0.0", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false, false, false, "TLS (Air:Security:Certificate, Key and Authority) and a cluster secret")]
    [InlineData(true, false, false, "without a cluster secret (AIR_SECRET_FILE) and keys for HTTP")]
    [InlineData(false, true, false, "without TLS")]
    [InlineData(true, true, false, "without keys for HTTP")]
    [InlineData(true, true, true, null)]
    public void ListenCheck_BeyondLoopback_AsksForTlsSecretAndKeys(bool tls, bool secret, bool keys, string? text)
    {
        var all = Of("silo");
        var options = new SecurityOptions
        {
            Certificate = tls ? all.Certificate : null,
            Key = tls ? all.Key : null,
            Authority = tls ? all.Authority : null,
            SecretFile = secret ? all.SecretFile : null,
            ApiKeysFile = keys ? all.ApiKeysFile : null,
        };

        Check(options with { AllowInsecure = true }, IPAddress.Parse("10.0.0.5"));
        Check(options, IPAddress.Parse("127.0.0.2"));
        if (text is null)
        {
            Check(options, IPAddress.Parse("10.0.0.5"));
            return;
        }

        var error = Assert.Throws<AirException>(() => Check(options, IPAddress.Parse("10.0.0.5")));
        Assert.Contains(text, error.Message, StringComparison.Ordinal);
        Assert.Contains("--insecure", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Configuration_VariablesBeforeKeysAndFolder_AreTheSameInSilosAndClients()
    {
        var settings = new Dictionary<string, string?>
        {
            ["AIR_TLS"] = Certs,
            ["Air:Security:ServerName"] = "cluster.example",
            ["Air:Security:AllowedCode:0"] = "My.Loops",
            ["Air:Security:ApiKeys:web"] = "a-key-of-twenty-characters",
            ["AIR_INSECURE"] = "true",
        };
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(settings).Build();

        var (silo, client) = (configuration.GetAirSiloSecurity(), configuration.GetAirClientSecurity());
        Assert.Equal(Path.Combine(Certs, "silo.pem"), silo.Certificate);
        Assert.Equal(Path.Combine(Certs, "client.key"), client.Key);
        Assert.Equal(Path.Combine(Certs, "secret"), client.SecretFile);
        Assert.Equal(("cluster.example", true), (silo.ServerName, silo.AllowInsecure));
        Assert.Equal(["My.Loops"], silo.AllowedCode);
        Assert.Equal(["web"], silo.ApiKeys.Keys);

        settings["AIR_INSECURE"] = "perhaps";
        settings["AIR_API_KEYS"] = "a-key-without-a-name";
        var wrong = new ConfigurationBuilder().AddInMemoryCollection(settings).Build();
        var error = Assert.Throws<FormatException>(() => wrong.GetAirSiloSecurity());
        Assert.DoesNotContain("a-key-without", error.Message, StringComparison.Ordinal);
    }

    private static void Check(SecurityOptions options, IPAddress address) =>
        new ListenCheck(
            SecurityLoader.Load(options, isSilo: true, TimeProvider.System),
            new AirOptions(),
            Options.Create(new EndpointOptions { AdvertisedIPAddress = address }),
            NullLogger<ListenCheck>.Instance,
            NullLoggerFactory.Instance
        ).Check();

    private static async Task<IHost> StartAsync(ClusterUri uri, SecurityOptions security)
    {
        var silo = Host.CreateEmptyApplicationBuilder(null);
        silo.UseOrleans(builder => builder.UseAirCluster(uri).AddAir(new() { HttpPort = null, Security = security }));
        var host = silo.Build();
        await host.StartAsync();
        return host;
    }

    private Task<AirCluster> StartAsync(int silos = 1) =>
        AirCluster.StartLocalAsync(new() { StorageFolder = _folder.Path, Security = Of("silo") }, silos);

    private SecurityOptions Of(string role) =>
        new()
        {
            Certificate = Path.Combine(Certs, $"{role}.pem"),
            Key = Path.Combine(Certs, $"{role}.key"),
            Authority = Path.Combine(Certs, "authority.pem"),
            SecretFile = Path.Combine(Certs, "secret"),
            ApiKeysFile = Path.Combine(Certs, "api-keys"),
        };
}
