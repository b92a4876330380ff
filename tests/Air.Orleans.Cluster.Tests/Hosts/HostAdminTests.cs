using System.Net;
using System.Net.Http.Headers;
using Air.Orleans.Cluster.Tests.Security;
using Air.Orleans.Core.Security;
using Air.Orleans.Tests;

namespace Air.Orleans.Cluster.Tests.Hosts;

/// <summary>The admin port of a silo on another host.</summary>
[Collection("network hosts")]
public sealed class HostAdminTests
{
    private const string Key = "a key of these tests";

    [RequiresFact(ServerKind.NetworkNamespaces)]
    public async Task Admin_BeyondLoopbackWithTls_IsEncryptedAndWantsItsKeyAndNoCertificate()
    {
        using var folder = new TemporaryFolder();
        var certs = Path.Combine(folder.Path, "certs");
        SecurityFolder.Create(certs, [], days: 2, force: false, TimeProvider.System);
        await using var hosts = await NetworkHosts.StartAsync(1);
        await using var silo = await SiloProcess.StartAsync(
            $"file:{Path.Combine(folder.Path, "cluster")}",
            host: hosts[0],
            arguments: ["--tls", certs, "--admin-address", $"{hosts[0].Address}"],
            environment: new Dictionary<string, string> { ["AIR_ADMIN_KEY"] = Key }
        );
        var security = SecureCluster.OfFolder(certs, "client");
        using var scraper = HttpSecurity.NewClient(SecurityLoader.Load(security, isSilo: false, TimeProvider.System));
        scraper.DefaultRequestHeaders.Authorization = null;

        Assert.Equal(Uri.UriSchemeHttps, silo.AdminUrl.Scheme);
        Assert.Equal(HttpStatusCode.OK, (await scraper.GetAsync(new Uri(silo.AdminUrl, "readyz"))).StatusCode);
        Assert.Equal(
            HttpStatusCode.Unauthorized,
            (await scraper.GetAsync(new Uri(silo.AdminUrl, "metrics"))).StatusCode
        );
        scraper.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Key);
        Assert.Equal(HttpStatusCode.OK, (await scraper.GetAsync(new Uri(silo.AdminUrl, "metrics"))).StatusCode);

        using var stranger = new HttpClient();
        var plain = new UriBuilder(silo.AdminUrl) { Scheme = Uri.UriSchemeHttp, Path = "readyz" }.Uri;
        await Assert.ThrowsAsync<HttpRequestException>(() => stranger.GetAsync(plain));
    }
}
