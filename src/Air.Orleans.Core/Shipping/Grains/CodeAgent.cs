using Microsoft.Extensions.Logging;

namespace Air.Orleans.Core.Shipping.Grains;

/// <inheritdoc cref="ICodeAgent"/>
internal sealed class CodeAgent(GrainId id, Silo silo, ILoggerFactory loggers)
    : GrainService(id, silo, loggers),
        ICodeAgent
{
    public Task<bool> HasAsync(CodeBuild[] builds) =>
        Task.FromResult(
            builds.All(static build =>
                TypeFinder.LoadedHere(build.Assembly) is { } here
                && here.ManifestModule.ModuleVersionId == build.ModuleVersion
            )
        );
}
