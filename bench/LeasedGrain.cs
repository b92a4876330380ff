using Air.Orleans.Core;

namespace Air.Orleans.Benchmarks;

[Alias("bench.ILeasedGrain")]
internal interface ILeasedGrain : IGrainWithIntegerKey
{
    [Alias("Ping")]
    Task PingAsync();
}

/// <summary>A worker that needs a little CPU of its own.</summary>
[GrainType("bench.leased"), GpuPlacement(Cpu = 0.0001)]
internal sealed class LeasedGrain : Grain, ILeasedGrain
{
    public Task PingAsync() => Task.CompletedTask;
}
