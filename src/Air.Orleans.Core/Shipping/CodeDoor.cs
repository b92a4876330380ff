using Air.Orleans.Core.Resilience;
using Air.Orleans.Core.Shipping.Grains;

namespace Air.Orleans.Core;

/// <summary>
/// The code that clients sent to the cluster: <c>air.Code</c>. It is sent by itself when a program packs what silos lack; here it is listed
/// and deleted. What nothing has used for a while goes by itself. Thread-safe.
/// </summary>
public sealed class CodeDoor
{
    private readonly ICodeBookGrain _book;

    internal CodeDoor(IAirCluster cluster) =>
        _book = cluster.Services.GetRequiredService<IGrainFactory>().GetGrain<ICodeBookGrain>(0);

    /// <summary>All bundles that the cluster keeps, those used last first.</summary>
    public async Task<IReadOnlyList<CodeInfo>> ListAsync(CancellationToken cancellationToken = default) =>
        await GrainCalls.RetryAsync(_book.ListAsync, cancellationToken);

    /// <summary>Deletes a bundle. Silos that have loaded it go on with it; runs and deployments that come to need it later fail.</summary>
    /// <param name="hash">Its hash, or as many of the first digits as tell it from others.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="AirException">There is no such bundle, there are several, or a job needs it.</exception>
    public async Task<CodeInfo> DeleteAsync(string hash, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(hash);
        var found = (await ListAsync(cancellationToken))
            .Where(code => code.Hash.StartsWith(hash, StringComparison.OrdinalIgnoreCase))
            .ToList();
        if (found is not [var code])
        {
            throw new AirException(
                found.Count == 0
                    ? $"The cluster keeps no code {hash}; 'air code' lists what it keeps."
                    : $"The hashes of {found.Count} bundles begin with {hash}: give more digits."
            );
        }

        await GrainCalls.RetryAsync(() => _book.DeleteAsync(code.Hash), cancellationToken);
        return code;
    }
}

/// <summary>Adds <c>air.Code</c>.</summary>
public static class CodeExtensions
{
    extension(IAirCluster air)
    {
        /// <summary>The code that the cluster was sent.</summary>
        public CodeDoor Code => new(air);
    }
}
