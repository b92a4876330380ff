using Air.Orleans.Core.Compute;

namespace Air.Orleans.Core.Tests.Compute;

/// <summary>A grain that starts work which ends only when it is told to.</summary>
[Alias("test.IComputingGrain")]
internal interface IComputingGrain : IGrainWithStringKey
{
    [Alias("Begin")]
    Task BeginAsync();

    [Alias("End")]
    Task EndAsync();
}

/// <inheritdoc/>
[GrainType("test.computing")]
internal sealed class ComputingGrain(GrainCompute compute) : Grain, IComputingGrain
{
    public Task BeginAsync()
    {
        _ = compute.Start(
            "until told",
            static context =>
            {
                context.CancellationToken.WaitHandle.WaitOne();
                context.CancellationToken.ThrowIfCancellationRequested();
                return 0;
            }
        );
        return Task.CompletedTask;
    }

    public Task EndAsync()
    {
        DeactivateOnIdle();
        return Task.CompletedTask;
    }
}
