using Air.Orleans.Core.Resilience;
using Air.Orleans.Core.Security;
using Air.Orleans.Core.Shipping.Grains;
using Microsoft.Extensions.Logging;

namespace Air.Orleans.Core.Shipping.Code;

/// <summary>Loads code that the cluster keeps. Thread-safe.</summary>
internal sealed partial class CodeLoader(
    IGrainFactory grains,
    CodeFolder folder,
    SecurityGate gate,
    ILogger<CodeLoader> logger
) : ICodeLoader
{
    private ICodeBookGrain Book => grains.GetGrain<ICodeBookGrain>(0);

    public CodeContext Load(string hash, string description)
    {
        gate.ThrowIfBundleRefused(description, hash);
        var manifest = GrainCalls.RetryAsync(() => Book.GetAsync(hash)).AsTask().GetAwaiter().GetResult();
        if (manifest?.Hash() != hash)
        {
            throw new ShippingException(
                $"{description} needs code {hash}, which the cluster does not keep any more ('air code' lists what it keeps). Connect anew and "
                    + "run the program again, which ships it again."
            );
        }

        var context = new CodeContext(hash, folder.Ensure(hash, manifest));
        LogLoaded(manifest.Name, hash);
        return context;
    }

    public Task TouchAsync(IReadOnlyCollection<string> hashes)
    {
        foreach (var hash in hashes)
        {
            folder.Touch(hash);
        }

        return Book.TouchAsync([.. hashes]);
    }

    [LoggerMessage(1040, LogLevel.Information, "Code '{Name}' ({Hash}) is loaded.")]
    private partial void LogLoaded(string name, string hash);
}
