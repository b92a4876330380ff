using Air.Orleans.Core.Jobs.Control;
using Microsoft.Extensions.Logging;

namespace Air.Orleans.Core.Jobs.Grains;

/// <inheritdoc cref="IJobAgent"/>
internal sealed class JobAgent(GrainId id, Silo silo, ILoggerFactory loggers, JobRunner runner)
    : GrainService(id, silo, loggers),
        IJobAgent
{
    public Task<bool> StartAsync(JobSubmission job, int attempt) => Task.FromResult(runner.Start(job, attempt));

    public Task StopAsync(string name, int attempt)
    {
        runner.Stop(name, attempt);
        return Task.CompletedTask;
    }
}
