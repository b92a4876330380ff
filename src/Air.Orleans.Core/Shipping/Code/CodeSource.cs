using System.Security.Cryptography;
using Air.Orleans.Core.DataPlane;
using Air.Orleans.Core.Security;
using Air.Orleans.Core.Shipping.Diagnostics;

namespace Air.Orleans.Core.Shipping.Code;

/// <summary>Takes the parts of bundles in, over the data plane. Each is named by its hash, and another content is refused. Thread-safe.</summary>
internal sealed class CodeSource(CodeStorage storage, CodeThreads threads, SecurityGate gate) : IDataSource
{
    public const string SchemeName = "code";

    public string Scheme => SchemeName;

    /// <summary>Silos read from the storage themselves, and nobody else needs to.</summary>
    public Task SendAsync(string key, Stream destination, CancellationToken cancellationToken) =>
        throw new KeyNotFoundException("code is not given out");

    public async Task ReceiveAsync(string key, Stream source, long length, CancellationToken cancellationToken)
    {
        var (bundle, part) = key.Split('/') is [var first, var second] ? (first, second) : ("", "");
        if (!CodeManifest.IsHash(bundle) || !CodeManifest.IsHash(part) || length is < 1 or > CodeFile.PartBytes)
        {
            throw new AirException($"'{key}' of {length} bytes is no part of a bundle of code.");
        }

        gate.ThrowIfBundleRefused($"Bundle {bundle[..12]}", bundle);
        using var buffer = await threads.BufferAsync(cancellationToken);
        var content = buffer.Memory[..(int)length];
        await source.ReadExactlyAsync(content, cancellationToken);
        try
        {
            await threads.RunAsync(
                $"write code {part}",
                _ =>
                {
                    if (Convert.ToHexStringLower(SHA256.HashData(content.Span)) != part)
                    {
                        throw new AirException($"What was sent as part {part} of the code has another hash.");
                    }

                    storage.WriteAsync(part, content).GetAwaiter().GetResult();
                    CodeMeter.Received.Add(length);
                    return true;
                },
                cancellationToken
            );
        }
        catch (Exception error) when (error is not (OperationCanceledException or AirException))
        {
            throw new AirException($"The storage refuses part {part} of the code: {error.Message}", error);
        }
    }
}
