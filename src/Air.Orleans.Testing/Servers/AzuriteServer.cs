using System.Diagnostics;

namespace Air.Orleans.Testing.Servers;

/// <summary>An Azurite server of a test's own, which stands in for Azure's blob, queue and table storage. Not thread-safe.</summary>
public sealed class AzuriteServer : TestServer, ITestServer<AzuriteServer>
{
    private const string Account = "devstoreaccount1";

    /// <summary>Azurite's key, the same everywhere and known to all.</summary>
    private const string Key =
        "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

    private AzuriteServer()
        : base(ports: 3) { }

    /// <inheritdoc/>
    public override ServerKind Kind => ServerKind.Azurite;

    /// <summary>What AZURE_STORAGE_CONNECTION_STRING takes.</summary>
    public override string ConnectionString =>
        $"DefaultEndpointsProtocol=http;AccountName={Account};AccountKey={Key};"
        + $"BlobEndpoint=http://127.0.0.1:{Ports[0]}/{Account};"
        + $"QueueEndpoint=http://127.0.0.1:{Ports[1]}/{Account};"
        + $"TableEndpoint=http://127.0.0.1:{Ports[2]}/{Account};";

    /// <summary>Starts one and waits until it answers.</summary>
    /// <exception cref="FileNotFoundException">azurite is not installed.</exception>
    /// <exception cref="InvalidOperationException">It does not come up within 60 seconds; the message holds its output.</exception>
    public static async Task<AzuriteServer> StartAsync(CancellationToken cancellationToken = default)
    {
        var server = new AzuriteServer();
        await server.BeginAsync(cancellationToken);
        return server;
    }

    private protected override IReadOnlyList<string> ReadyLines { get; } =
    [
        "Blob service is successfully listening",
        "Queue service is successfully listening",
        "Table service is successfully listening",
    ];

    private protected override ProcessStartInfo Command() =>
        new(ServerPrograms.Path(Kind, "azurite"))
        {
            ArgumentList =
            {
                "--location",
                Folder,
                "--blobHost",
                "127.0.0.1",
                "--blobPort",
                $"{Ports[0]}",
                "--queueHost",
                "127.0.0.1",
                "--queuePort",
                $"{Ports[1]}",
                "--tableHost",
                "127.0.0.1",
                "--tablePort",
                $"{Ports[2]}",
                "--skipApiVersionCheck",
                "--disableTelemetry",
            },
        };
}
