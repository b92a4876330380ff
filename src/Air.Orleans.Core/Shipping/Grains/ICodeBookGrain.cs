using Air.Orleans.Core.DataPlane;
using Air.Orleans.Core.Resilience;
using Air.Orleans.Core.Shipping.Code;

namespace Air.Orleans.Core.Shipping.Grains;

/// <summary>Knows which bundles of code the cluster keeps; its key is 0.</summary>
[Alias("air.core.ICodeBookGrain")]
internal interface ICodeBookGrain : IGrainWithIntegerKey
{
    /// <summary>Whether a silo that is up lacks one of these builds.</summary>
    [Alias("Lacks"), ResponseTimeout(SharedWork.CallTimeout)]
    Task<bool> LacksAsync(CodeBuild[] builds);

    /// <summary>Asks to send a bundle: where to, and which parts are missing. None are missing where it is kept already.</summary>
    [Alias("Begin"), ResponseTimeout(SharedWork.CallTimeout)]
    Task<CodeUpload> BeginAsync(CodeManifest manifest);

    /// <summary>All parts were sent: from now on the bundle is kept. Null where that is still being looked into.</summary>
    [Alias("Commit"), ResponseTimeout(SharedWork.CallTimeout)]
    Task<CodeManifest?> CommitAsync(CodeManifest manifest);

    /// <summary>The bundle of that hash, for use; null where none is kept.</summary>
    [Alias("Get"), ResponseTimeout(SharedWork.CallTimeout)]
    Task<CodeManifest?> GetAsync(string hash);

    /// <summary>These bundles are in use.</summary>
    [Alias("Touch"), ResponseTimeout(SharedWork.CallTimeout)]
    Task TouchAsync(string[] hashes);

    /// <summary>Keeps a bundle for as long as <paramref name="holder"/> does not let go of it; false where none is kept.</summary>
    [Alias("Pin"), ResponseTimeout(SharedWork.CallTimeout)]
    Task<bool> PinAsync(string hash, string holder);

    /// <summary>The holder needs it no more.</summary>
    [Alias("Unpin"), ResponseTimeout(SharedWork.CallTimeout)]
    Task UnpinAsync(string hash, string holder);

    /// <summary>All bundles, those used last first.</summary>
    [Alias("List"), ResponseTimeout(SharedWork.CallTimeout)]
    Task<CodeInfo[]> ListAsync();

    /// <summary>Deletes a bundle; who still needs it must send it again.</summary>
    [Alias("Delete"), ResponseTimeout(SharedWork.CallTimeout)]
    Task DeleteAsync(string hash);
}

/// <summary>A build of an assembly.</summary>
[GenerateSerializer, Immutable, Alias("air.core.CodeBuild")]
internal readonly record struct CodeBuild([property: Id(0)] string Assembly, [property: Id(1)] Guid ModuleVersion);

/// <summary>Where parts are sent to, and which.</summary>
[GenerateSerializer, Immutable, Alias("air.core.CodeUpload")]
internal sealed record CodeUpload(
    [property: Id(0)] DataEndpoint Endpoint,
    [property: Id(1)] string[] Missing,
    [property: Id(2)] bool IsKept
);
