using Air.Orleans.Core.Resilience;

namespace Air.Orleans.Core.Tests.Resilience;

public sealed class WakeSignalTests
{
    [Fact]
    public async Task WaitAsync_AfterManyWakings_IsWokenOnce()
    {
        using var signal = new WakeSignal();
        for (var i = 0; i < 100; i++)
        {
            signal.Wake();
        }

        Assert.True(await signal.WaitAsync(TimeSpan.Zero, CancellationToken.None));
        Assert.False(await signal.WaitAsync(TimeSpan.Zero, CancellationToken.None));
        signal.Wake();
        Assert.True(await signal.WaitAsync(TimeSpan.Zero, CancellationToken.None));
    }

    [Fact]
    public void Wake_OfOneWhoWaitsNoMore_DoesNothing()
    {
        var signal = new WakeSignal();
        signal.Dispose();

        signal.Wake();
        signal.Wake();
    }
}
