using Microsoft.Extensions.Logging;

namespace Air.Orleans.Core.Shipping.Grains;

/// <inheritdoc cref="ICodeAgent"/>
internal sealed class CodeAgent(GrainId id, Silo silo, ILoggerFactory loggers, KnownCode known)
    : GrainService(id, silo, loggers),
        ICodeAgent
{
    public Task<bool> HasAsync(CodeBuild[] builds) =>
        Task.FromResult(
            builds.All(build =>
                known.Find(build.Assembly) is { } here && here.ManifestModule.ModuleVersionId == build.ModuleVersion
            )
        );
}
