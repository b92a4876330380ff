using Air.Orleans.Core.Compute;
using Air.Orleans.Core.Tests.Checkpoints;
using Air.Orleans.Tests;

namespace Air.Orleans.Core.Tests.Compute;

public sealed class GrainComputeTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Deactivate_GrainWithWork_EndsTheWork()
    {
        using var folder = new TemporaryFolder();
        await using var air = await CheckpointSilo.StartAsync(folder.Path);
        var grain = air.Services.GetRequiredService<IGrainFactory>().GetGrain<IComputingGrain>("one");
        var slots = air.Services.GetRequiredService<ComputeSlots>();
        await grain.BeginAsync();
        Assert.Equal("until told", Assert.Single(slots.Describe()).Name);

        await grain.EndAsync();

        using var limit = new CancellationTokenSource(Limit);
        while (slots.Describe().Count > 0)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), limit.Token);
        }
    }

    [Fact]
    public async Task Stop_SiloWithWork_EndsTheWorkAndTakesNoMore()
    {
        using var folder = new TemporaryFolder();
        ComputeSlots slots;
        await using (var air = await CheckpointSilo.StartAsync(folder.Path))
        {
            slots = air.Services.GetRequiredService<ComputeSlots>();
            await air.Services.GetRequiredService<IGrainFactory>().GetGrain<IComputingGrain>("one").BeginAsync();
        }

        Assert.Empty(slots.Describe());
        Assert.Throws<ObjectDisposedException>(() => slots.Start("late", static _ => 1));
    }
}
