using System.Diagnostics;
using System.Net;
using Air.Orleans.Core;
using Air.Orleans.Core.Security;
using Air.Orleans.Data;
using Air.Orleans.Tests;

namespace Air.Orleans.Cluster.Tests.Security;

/// <summary>Who is let in by silos in processes of their own with mutual TLS, and what the others are told.</summary>
public sealed class SecureClusterTests(SecureCluster cluster) : IClassFixture<SecureCluster>
{
    /// <summary>Far below the time that Orleans would try for.</summary>
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(40);

    [Fact]
    public async Task Client_WithItsCertificateAndSecret_ComputesOnBothSilos()
    {
        await using var air = await cluster.ConnectAsync();

        Assert.Equal(2, (await air.Silos.ListAsync()).Count);
        Assert.Equal(569, await air.Data.ReadCsv(Repository.Data, new() { BlockSizeBytes = 10_000 }).CountAsync());
        Assert.Equal(
            3,
            (await air.Data.ReadCsv(Repository.Data, new() { BlockSizeBytes = 10_000 }).TakeAsync(3)).Count
        );
    }

    [Theory]
    [InlineData("authority", "was given out by CN=Air.Orleans development authority")]
    [InlineData("certificate", "refuses this process's certificate CN=client")]
    [InlineData("plain", "asks for TLS, and this process has none")]
    [InlineData("no secret", "asks for the cluster's secret, and this process has none")]
    [InlineData("secret", "has another cluster secret than this process")]
    public async Task Client_WithSomethingWrong_IsToldWhatInBoundedTime(string wrong, string text)
    {
        var other = SecureCluster.OfFolder(cluster.NewCerts($"other-{wrong}"), "client");
        var ours = cluster.ClientSecurity;
        var security = wrong switch
        {
            "authority" => other with { SecretFile = ours.SecretFile },
            // It believes the silos, but they do not believe it.
            "certificate" => other with
            {
                Authority = Both(other.Authority!, ours.Authority!),
                SecretFile = ours.SecretFile,
            },
            "plain" => new SecurityOptions(),
            "no secret" => ours with { SecretFile = null },
            _ => ours with { SecretFile = other.SecretFile },
        };
        var watch = Stopwatch.StartNew();

        var error = await Assert.ThrowsAsync<AirException>(() =>
            AirCluster.ConnectAsync(cluster.Uri, timeout: TimeSpan.FromSeconds(20), security: security)
        );

        Assert.Contains(text, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
        Assert.True(watch.Elapsed < Bound, $"It took {watch.Elapsed}.");
    }

    [Fact]
    public async Task Client_WhoseCertificateHasExpired_IsRefusedByTheSilos()
    {
        // An authority of ours, and a certificate of yesterday: the client's own check is left out.
        var (now, folder) = (TimeProvider.System.GetUtcNow(), cluster.Certs);
        using var authority = System.Security.Cryptography.X509Certificates.X509Certificate2.CreateFromPemFile(
            Path.Combine(folder, "authority.pem"),
            Path.Combine(folder, "authority.key")
        );
        using var expired = DevelopmentCertificates.Sign(
            authority,
            "late",
            [ClusterTls.ForClients],
            now.AddMinutes(-4),
            now.AddMinutes(-1)
        );
        var security = ClusterSecurity.None with
        {
            Tls = new ClusterTls(expired, [], [authority], serverName: null, checkRevocation: false),
            Secret = ClusterSecret.Of(await File.ReadAllTextAsync(Path.Combine(folder, "secret"))),
        };

        var answer = await new PeerProbe(security).AskAsync(await cluster.GatewayAsync(), CancellationToken.None);

        Assert.Equal(PeerOutcome.Refused, answer.Outcome);
        Assert.Contains("refuses this process's certificate CN=late", answer.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SiloPort_CertificateForClients_IsRefusedWhileTheGatewayTakesIt()
    {
        var probe = new PeerProbe(SecurityLoader.Load(cluster.ClientSecurity, isSilo: false, TimeProvider.System));
        var silo = new IPEndPoint(IPAddress.Loopback, cluster.Silos[0].SiloPort);

        Assert.Equal(PeerOutcome.Refused, (await probe.AskAsync(silo, CancellationToken.None)).Outcome);
        var gateway = await probe.AskAsync(await cluster.GatewayAsync(), CancellationToken.None);
        Assert.True(gateway.Outcome == PeerOutcome.Accepted, gateway.Text);
    }

    [Theory]
    [InlineData("authority", "was given out by")]
    [InlineData("plain", "asks for TLS")]
    public async Task Silo_WithSomethingWrong_CannotJoinAndSaysWhy(string wrong, string text)
    {
        string[] arguments = wrong == "plain" ? [] : ["--tls", cluster.NewCerts("stranger")];

        var error = await Assert.ThrowsAsync<InvalidOperationException>(() =>
            SiloProcess.StartAsync(cluster.Uri, arguments: arguments)
        );

        Assert.Contains("The silo cannot join the cluster", error.Message, StringComparison.Ordinal);
        Assert.Contains(text, error.Message, StringComparison.Ordinal);
        await using var air = await cluster.ConnectAsync();
        Assert.Equal(2, (await air.Silos.ListAsync()).Count);
    }

    [Fact]
    public async Task Ports_OfASilo_AreOnLoopbackAlone()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        await using var air = await cluster.ConnectAsync();
        var listening = ProcessSockets.ListeningOf(cluster.Silos[0].ProcessId);

        // Silos, clients, data and HTTP at least; and whatever else the host opens.
        Assert.True(listening.Count >= 4, string.Join(", ", listening));
        Assert.All(listening, static endpoint => Assert.True(IPAddress.IsLoopback(endpoint.Address), $"{endpoint}"));
    }

    private string Both(string one, string other)
    {
        var path = Path.Combine(cluster.NewCerts("both"), "authorities.pem");
        File.WriteAllText(path, File.ReadAllText(one) + File.ReadAllText(other));
        return path;
    }
}
