using Air.Orleans.Core.Silos;

namespace Air.Orleans.Core.Jobs;

/// <summary>
/// The silo's jobs before it stops: those that may begin again are ended and begin elsewhere; others are waited for, as nobody has said that
/// their programs may run twice.
/// </summary>
internal sealed class JobDrain(JobRunner runner) : IDrainPart
{
    public DrainPhase Phase => DrainPhase.Moving;

    public string Name => "jobs";

    public IReadOnlyList<string> Held => runner.RunningJobs;

    public Task DrainAsync(CancellationToken limit) => runner.MoveAllAsync().WaitAsync(limit);
}
