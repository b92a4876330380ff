using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Air.Orleans.Core;
using Air.Orleans.Core.Security;
using Air.Orleans.Flight;
using Apache.Arrow;
using Apache.Arrow.Flight;
using Apache.Arrow.Flight.Client;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.Extensions.DependencyInjection;

namespace Air.Orleans.Tests.Flight;

/// <summary>Flight of a silo with TLS, read as a program elsewhere reads it: by the files of 'air certs'.</summary>
public sealed class FlightTlsTests : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private AirCluster _air = null!;
    private BlockRef _block = null!;
    private string _secret = "";

    private Uri Address => _air.Services.GetRequiredService<FlightIngress>().Address!;

    public async Task InitializeAsync()
    {
        SecurityFolder.Create(Certs(""), [], days: 2, force: false, TimeProvider.System);
        _secret = (await File.ReadAllTextAsync(Certs("secret"))).Trim();
        _air = await AirCluster.StartLocalAsync(
            new AirOptions
            {
                StorageFolder = _folder.Path,
                Resources = new() { Cpu = 1 },
                HttpPort = null,
                FlightPort = 0,
                Security = new SecurityOptions
                {
                    Certificate = Certs("silo.pem"),
                    Key = Certs("silo.key"),
                    Authority = Certs("authority.pem"),
                    SecretFile = Certs("secret"),
                },
            }
        );
        using var batch = new RecordBatch.Builder()
            .Append("x", false, static column => column.Double(static values => values.AppendRange([1.5, 2.5])))
            .Build();
        _block = await _air.Blocks.PutAsync(batch);
    }

    public async Task DisposeAsync()
    {
        await _air.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task DoGet_WithTheClientsCertificate_GivesTheRows()
    {
        Assert.Equal(Uri.UriSchemeHttps, Address.Scheme);
        using var channel = Channel(withCertificate: true);

        var values = await ReadAsync(channel, _secret);
        Assert.Equal([1.5, 2.5], values);
        var error = await Assert.ThrowsAsync<RpcException>(() => ReadAsync(channel, "another secret"));
        Assert.Equal(StatusCode.Unauthenticated, error.StatusCode);
    }

    [Fact]
    public async Task DoGet_WithoutACertificate_GetsNoFurtherThanTls()
    {
        using var channel = Channel(withCertificate: false);

        var error = await Assert.ThrowsAsync<RpcException>(() => ReadAsync(channel, _secret));

        Assert.NotEqual(StatusCode.OK, error.StatusCode);
        Assert.NotEqual(StatusCode.Unauthenticated, error.StatusCode);
    }

    private async Task<double[]> ReadAsync(GrpcChannel channel, string secret)
    {
        var headers = new Metadata { { "authorization", $"Bearer {secret}" } };
        using var stream = new FlightClient(channel).GetStream(new FlightTicket($"{_block.Id:N}"), headers);
        Assert.True(await stream.ResponseStream.MoveNext(CancellationToken.None));
        using var batch = stream.ResponseStream.Current;
        return ((DoubleArray)batch.Column("x")).Values.ToArray();
    }

    private GrpcChannel Channel(bool withCertificate)
    {
        var authority = X509CertificateLoader.LoadCertificateFromFile(Certs("authority.pem"));
        var handler = new SocketsHttpHandler();
        handler.SslOptions.RemoteCertificateValidationCallback = (_, certificate, _, _) =>
        {
            using var chain = new X509Chain();
            chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
            chain.ChainPolicy.CustomTrustStore.Add(authority);
            return certificate is not null && chain.Build(new X509Certificate2(certificate));
        };
        if (withCertificate)
        {
            handler.SslOptions.ClientCertificateContext = SslStreamCertificateContext.Create(
                X509Certificate2.CreateFromPemFile(Certs("client.pem"), Certs("client.key")),
                additionalCertificates: null
            );
        }

        return GrpcChannel.ForAddress(
            Address,
            new GrpcChannelOptions { HttpHandler = handler, DisposeHttpClient = true }
        );
    }

    private string Certs(string file) => Path.Combine(_folder.Path, "certs", file);
}
