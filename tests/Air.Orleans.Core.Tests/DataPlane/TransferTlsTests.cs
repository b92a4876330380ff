using Air.Orleans.Core.Security;

namespace Air.Orleans.Core.Tests.DataPlane;

/// <summary>The data plane over TLS.</summary>
public sealed class TransferTlsTests : IDisposable
{
    private readonly HeldBytes _source = new();
    private readonly TestCertificates _certificates = new();

    public void Dispose() => _certificates.Dispose();

    [Fact]
    public async Task Fetch_OverTls_ArrivesWholeAndReusesItsConnections()
    {
        await using var host = await DataPlaneHost.StartAsync(_source, tls: _certificates.NewTls());
        var bytes = HeldBytes.Noise(9_000_000);
        _source.Hold("a", bytes);

        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(bytes, await host.FetchAsync("test:a"));
        }

        await host.Client.PutAsync(host.Endpoint, "test:b", bytes, CancellationToken.None);
        Assert.True(bytes.AsSpan().SequenceEqual(_source.Find("b")));
        Assert.InRange(host.Server.Connections, 1, DataPlaneHost.Hasty.Parallel);
    }

    [Fact]
    public async Task Fetch_CertificateOfAnotherAuthority_IsRefusedAndSaysWhy()
    {
        using var others = new TestCertificates();
        await using var host = await DataPlaneHost.StartAsync(_source, tls: _certificates.NewTls());

        var error = await FailsAsync(host, others.NewTls());

        Assert.Contains("TLS failed", error.Message, StringComparison.Ordinal);
        Assert.Equal(0, _source.Opened);
    }

    [Fact]
    public async Task Fetch_OnlyTheClientHasTls_SaysSo()
    {
        await using var host = await DataPlaneHost.StartAsync(_source);

        var error = await FailsAsync(host, _certificates.NewTls());

        Assert.Contains("TLS failed", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Fetch_OnlyTheSiloHasTls_IsAnErrorInBoundedTime()
    {
        await using var host = await DataPlaneHost.StartAsync(_source, tls: _certificates.NewTls());

        await FailsAsync(host, ClusterTls.Off);

        Assert.Equal(0, _source.Opened);
    }

    private async Task<AirException> FailsAsync(DataPlaneHost host, ClusterTls tls)
    {
        _source.Hold("a", HeldBytes.Noise(10));
        using var client = DataPlaneHost.NewClient(tls: tls);
        return await Assert.ThrowsAsync<AirException>(() =>
            client
                .FetchAsync(
                    host.Endpoint,
                    "test:a",
                    static length => ValueTask.FromResult<Memory<byte>>(new byte[length]),
                    CancellationToken.None
                )
                .WaitAsync(TimeSpan.FromSeconds(30))
        );
    }
}
