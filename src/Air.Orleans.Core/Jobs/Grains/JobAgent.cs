using Air.Orleans.Core.Jobs.Control;
using Microsoft.Extensions.Logging;

namespace Air.Orleans.Core.Jobs.Grains;

/// <inheritdoc cref="IJobAgent"/>
internal sealed class JobAgent(GrainId id, Silo silo, ILoggerFactory loggers, JobRunner runner)
    : GrainService(id, silo, loggers),
        IJobAgent
{
    public Task StartAsync(JobSubmission job, int attempt)
    {
        runner.Start(job, attempt);
        return Task.CompletedTask;
    }

    public Task StopAsync(string name, int attempt)
    {
        runner.Stop(name, attempt);
        return Task.CompletedTask;
    }
}
