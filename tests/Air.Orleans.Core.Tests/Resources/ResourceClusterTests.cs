using Air.Orleans.Core.Resources.Grains;
using Air.Orleans.Tests;
using Orleans.Core.Internal;

namespace Air.Orleans.Core.Tests.Resources;

/// <summary>Reservations and placement by lease on three silos of 2 CPU and 1 GPU.</summary>
public sealed class ResourceClusterTests : IAsyncLifetime
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly TemporaryFolder _folder = new();
    private AirCluster _air = null!;

    private IGrainFactory Grains => _air.Services.GetRequiredService<IGrainFactory>();

    public async Task InitializeAsync() =>
        _air = await AirCluster.StartLocalAsync(
            new AirOptions
            {
                StorageFolder = Path.Combine(_folder.Path, "storage"),
                Resources = new ResourceSet { Cpu = 2, Gpu = 1 },
                Accelerators = ["T4"],
                HttpPort = null,
            },
            silos: 3
        );

    public async Task DisposeAsync()
    {
        await _air.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Reserve_StrictSpread_StandsOnThreeSilosUntilDisposed()
    {
        var group = await ReserveAsync(Request(3, 2, PlacementGroupStrategy.StrictSpread) with { Purpose = "a test" });

        var report = await _air.Resources.DescribeAsync();
        Assert.Equal(3, group.Bundles.Select(static bundle => bundle.Silo).Distinct().Count());
        Assert.All(report.Silos, static silo => Assert.Equal(0, silo.Free.Cpu));
        Assert.Equal((group.Id, "a test"), (report.Leases.Single().Id, report.Leases.Single().Purpose));

        await group.DisposeAsync();
        report = await _air.Resources.DescribeAsync();
        Assert.All(report.Silos, static silo => Assert.Equal(2, silo.Free.Cpu));
        Assert.Empty(report.Leases);
    }

    [Fact]
    public async Task Reserve_MoreThanAnySiloHas_ThrowsAtOnceWithTheMostThatAnyHas()
    {
        var error = await Assert.ThrowsAsync<ResourceException>(() =>
            ReserveAsync(Request(1, 4, PlacementGroupStrategy.Pack))
        );

        Assert.Contains("needs 4 CPU on one silo; the most that any has is 2", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Reserve_NotGrantedInTime_ThrowsWithTheReasonAndLeavesTheQueue()
    {
        await using var holds = await ReserveAsync(Request(3, 2, PlacementGroupStrategy.StrictSpread));

        var error = await Assert.ThrowsAsync<ResourceException>(() =>
            ReserveAsync(Request(1, 1, PlacementGroupStrategy.Pack) with { Timeout = TimeSpan.FromMilliseconds(300) })
        );

        Assert.Contains("was not granted within 0.3 s", error.Message, StringComparison.Ordinal);
        Assert.Contains("the most that is free on any is 0 CPU", error.Message, StringComparison.Ordinal);
        await UntilAsync(static report => report.Pending.Count == 0);
    }

    [Fact]
    public async Task Reserve_NothingFree_TellsWhyAndIsGrantedWhenThatIsGivenBack()
    {
        var holds = await ReserveAsync(Request(3, 2, PlacementGroupStrategy.StrictSpread));
        var told = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        var waiting = _air.Resources.ReserveAsync(
            Request(1, 1, PlacementGroupStrategy.Pack),
            new Progress(told.SetResult)
        );

        Assert.Contains("needs 1 CPU", await told.Task.WaitAsync(Limit), StringComparison.Ordinal);
        Assert.Single((await _air.Resources.DescribeAsync()).Pending);
        await holds.DisposeAsync();

        await using var granted = await waiting.WaitAsync(Limit);
        Assert.NotNull(granted.Bundles[0].Silo);
    }

    [Fact]
    public async Task Reserve_LedgerEnds_TheNextKnowsAllFromTheSilos()
    {
        await using var group = await ReserveAsync(Request(2, 2, PlacementGroupStrategy.StrictSpread));

        await EndLedgerAsync();

        var report = await _air.Resources.DescribeAsync().WaitAsync(Limit);
        Assert.Equal(
            group.Bundles.Select(static bundle => bundle.Silo),
            report.Leases.Single().Bundles.Select(static bundle => bundle.Silo)
        );
        await using var last = await ReserveAsync(Request(1, 2, PlacementGroupStrategy.Pack));
        Assert.DoesNotContain(last.Bundles[0].Silo, group.Bundles.Select(static bundle => bundle.Silo));
        Assert.False(group.Lost.IsCancellationRequested);
    }

    [Fact]
    public async Task Declare_MoreThanAtTheStart_IsOfferedFromThenOn()
    {
        var silo = (await _air.Resources.DescribeAsync()).Silos[1].Silo;

        await _air.Resources.DeclareAsync(silo, ResourceSet.Parse("CPU=8,licence=1"));

        await using var group = await ReserveAsync(Request(1, 6, PlacementGroupStrategy.Pack));
        Assert.Equal(silo, group.Bundles[0].Silo);
    }

    [Fact]
    public async Task Place_UnderABundle_StandsOnItsSiloWithItsDevices()
    {
        await using var group = await ReserveAsync(
            new PlacementRequest
            {
                Bundles =
                [
                    .. Enumerable.Repeat(
                        new Bundle
                        {
                            Resources = new ResourceSet { Gpu = 1 },
                            AcceleratorType = "T4",
                        },
                        3
                    ),
                ],
                Strategy = PlacementGroupStrategy.StrictSpread,
            }
        );
        foreach (var bundle in group.Bundles)
        {
            using var _ = bundle.Place();
            var standing = await Grain($"{bundle.Index}").WhereAsync();

            Assert.Equal(bundle.Silo, standing.Silo);
            Assert.Equal(bundle.Devices, standing.Devices);
        }
    }

    [Fact]
    public async Task Place_GrainThatTheGrainCalls_HasALeaseOfItsOwn()
    {
        await using var group = await ReserveAsync(Request(1, 1, PlacementGroupStrategy.Pack));
        using var _ = group.Bundles[0].Place();

        var direct = await Grain("called").WhereAsync();
        var nested = await Grain("called").WhereIsAsync("called by it");
        var nestedInANewOne = await Grain("another").WhereIsAsync("called by another");

        Assert.Equal((group.Bundles[0].Silo, 0), (direct.Silo, direct.Devices.Length));
        Assert.Equal([0], nested.Devices);
        Assert.Equal([0], nestedInANewOne.Devices);
    }

    [Fact]
    public async Task Place_GroupReleased_TheGrainsTokenIsCancelled()
    {
        var group = await ReserveAsync(Request(1, 1, PlacementGroupStrategy.Pack));
        Task<bool> revoked;
        using (group.Bundles[0].Place())
        {
            await Grain("worker").WhereAsync();
        }

        revoked = Grain("worker").WaitUntilRevokedAsync();
        await group.DisposeAsync();

        Assert.True(await revoked.WaitAsync(Limit));
    }

    [Fact]
    public async Task Place_OfItsOwn_TakesWhatIsFreeAndThenThrowsTheLedgersReason()
    {
        var standing = await Task.WhenAll(Enumerable.Range(0, 6).Select(i => Grain($"{i}").WhereAsync()));

        Assert.All(standing.CountBy(static it => it.Silo), static silo => Assert.Equal(2, silo.Value));
        Assert.All(standing, static it => Assert.Equal([0], it.Devices));
        var error = await Assert.ThrowsAsync<ResourceException>(() => Grain("seventh").WhereAsync());
        Assert.Contains("needs 0.5 GPU on one silo", error.Message, StringComparison.Ordinal);

        await Grain("3").EndAsync();
        await UntilAsync(static report => report.Leases.Count == 5);
        Assert.True((await Grain("seventh").WhereAsync()).IsLeased);
    }

    [Fact]
    public async Task Migrate_ToASilo_TheLeaseMovesThere()
    {
        var before = await Grain("moves").WhereAsync();
        var target = (await _air.Resources.DescribeAsync()).Silos.First(silo => !silo.Silo.Equals(before.Silo)).Silo;

        await Grain("moves").MoveToAsync(target);

        await UntilAsync(report => report.Leases is [{ Bundles: [{ Silo: { } silo }] }] && silo.Equals(target));
        Assert.Equal(target, (await Grain("moves").WhereAsync()).Silo);
    }

    private Task<PlacementGroup> ReserveAsync(PlacementRequest request) =>
        _air.Resources.ReserveAsync(request).WaitAsync(Limit);

    private static PlacementRequest Request(int bundles, double cpu, PlacementGroupStrategy strategy) =>
        new()
        {
            Bundles = [.. Enumerable.Repeat(new Bundle { Resources = new ResourceSet { Cpu = cpu } }, bundles)],
            Strategy = strategy,
        };

    private IPlacedGrain Grain(string key) => Grains.GetGrain<IPlacedGrain>(key);

    private async Task EndLedgerAsync() =>
        await Grains.GetGrain<IResourceLedgerGrain>(0).AsReference<IGrainManagementExtension>().DeactivateOnIdle();

    private async Task UntilAsync(Func<ResourceReport, bool> condition)
    {
        using var limit = new CancellationTokenSource(Limit);
        ResourceReport report;
        do
        {
            limit.Token.ThrowIfCancellationRequested();
            report = await _air.Resources.DescribeAsync(limit.Token);
        } while (!condition(report));
    }

    private sealed class Progress(Action<string> first) : IProgress<string>
    {
        private int _told;

        public void Report(string value)
        {
            if (Interlocked.Exchange(ref _told, 1) == 0)
            {
                first(value);
            }
        }
    }
}
