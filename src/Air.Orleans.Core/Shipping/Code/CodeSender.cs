using System.Collections.Concurrent;
using System.Reflection;
using System.Runtime.Loader;
using Air.Orleans.Core.DataPlane;
using Air.Orleans.Core.Resilience;
using Air.Orleans.Core.Resources;
using Air.Orleans.Core.Shipping.Grains;

namespace Air.Orleans.Core.Shipping.Code;

/// <summary>Sends bundles to the cluster: each once, and of each only the parts that the cluster has not got. Thread-safe.</summary>
/// <param name="grains">The cluster.</param>
/// <param name="data">The way of the bytes.</param>
/// <param name="time">The clock.</param>
/// <param name="membership">Which silos are up; null in a client.</param>
internal sealed class CodeSender(
    IGrainFactory grains,
    DataClient data,
    TimeProvider time,
    IManagementView? membership = null
)
{
    private const int Attempts = 3;

    /// <summary>How long "all silos have it" is believed: a silo that lacks it may join.</summary>
    private static readonly TimeSpan Believed = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<string, Sending> _known = new();

    private ICodeBookGrain Book => grains.GetGrain<ICodeBookGrain>(0);

    /// <summary>
    /// The bundle that silos need to run code of these assemblies, sent where it is not there yet; null where all silos have them. The thread
    /// waits, once for each build.
    /// </summary>
    /// <exception cref="AirException">They cannot be sent, or the cluster refuses them.</exception>
    public string? BundleOf(IReadOnlyCollection<Assembly> assemblies, string description)
    {
        if (assemblies.Count == 0)
        {
            return null;
        }

        foreach (var assembly in assemblies)
        {
            if (AssemblyLoadContext.GetLoadContext(assembly) is CodeContext shipped)
            {
                return shipped.Hash;
            }
        }

        var builds = assemblies
            .Select(static assembly => new CodeBuild(
                assembly.GetName().Name ?? "",
                assembly.ManifestModule.ModuleVersionId
            ))
            .OrderBy(static build => build.ModuleVersion)
            .ToArray();
        var key = string.Join(' ', builds.Select(static build => build.ModuleVersion));
        while (true)
        {
            var sending = _known.GetOrAdd(
                key,
                _ => new Sending(
                    time.GetTimestamp(),
                    new Lazy<Task<string?>>(() =>
                        Background.StartWithResult(() => SendAsync(builds, assemblies, description))
                    )
                )
            );
            try
            {
                // Not a grain's thread: only programs of the user pack.
                var bundle = sending.Bundle.Value.GetAwaiter().GetResult();
                if (bundle is not null || time.GetElapsedTime(sending.AskedAt) < Believed)
                {
                    return bundle;
                }

                _known.TryRemove(KeyValuePair.Create(key, sending));
            }
            catch
            {
                _known.TryRemove(KeyValuePair.Create(key, sending));
                throw;
            }
        }
    }

    /// <summary>Sends a bundle, unless the cluster keeps it already. Gives how many bytes that took.</summary>
    /// <exception cref="AirException">It is refused, or the silos cannot be reached.</exception>
    public async Task<long> SendAsync(CodeBundle bundle, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            var upload = await GrainCalls.RetryAsync(() => Book.BeginAsync(bundle.Manifest), cancellationToken);
            if (upload.IsKept)
            {
                return 0;
            }

            try
            {
                var sent = await SendAsync(bundle, upload, cancellationToken);
                await GrainCalls.PollAsync(() => Book.CommitAsync(bundle.Manifest), cancellationToken);
                return sent;
            }
            catch (AirException) when (attempt < Attempts)
            {
                // The silo that took the parts may have been lost on the way; what arrived is asked for again.
            }
        }
    }

    private async Task<string?> SendAsync(
        CodeBuild[] builds,
        IReadOnlyCollection<Assembly> assemblies,
        string description
    )
    {
        // Where this silo is the only one, nobody lacks what it has.
        if (membership is not null && (await membership.ActiveSilosAsync()).Count <= 1)
        {
            return null;
        }

        if (!await GrainCalls.RetryAsync(() => Book.LacksAsync(builds)))
        {
            return null;
        }

        var bundle = CodeCollector.Collect(assemblies, description);
        await SendAsync(bundle, CancellationToken.None);
        return bundle.Hash;
    }

    private async Task<long> SendAsync(CodeBundle bundle, CodeUpload upload, CancellationToken cancellationToken)
    {
        var missing = upload.Missing.ToHashSet();
        long sent = 0;
        foreach (var file in bundle.Manifest.Files)
        {
            for (var part = 0; part < file.Parts.Length; part++)
            {
                if (missing.Remove(file.Parts[part]))
                {
                    var content = bundle.Read(file, part);
                    var key = $"{CodeSource.SchemeName}:{bundle.Hash}/{file.Parts[part]}";
                    await data.PutAsync(upload.Endpoint, key, content, cancellationToken);
                    sent += content.Length;
                }
            }
        }

        return sent;
    }

    private sealed record Sending(long AskedAt, Lazy<Task<string?>> Bundle);
}
