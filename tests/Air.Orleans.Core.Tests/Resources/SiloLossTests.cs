using Air.Orleans.Core.Placement;
using Air.Orleans.Core.Resources;
using Air.Orleans.Core.Resources.Control;
using Air.Orleans.Core.Resources.Grains;
using Air.Orleans.Core.Silos;
using Air.Orleans.Tests;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Core.Internal;

namespace Air.Orleans.Core.Tests.Resources;

/// <summary>What becomes of leases when silos stop, holders change and the ledger is made anew; silos of 2 CPU and 20 GPUs.</summary>
public sealed class SiloLossTests : IAsyncLifetime
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(120);

    private readonly TemporaryFolder _folder = new();
    private readonly ComplaintLog _complaints = new();
    private readonly HeldAdoption _adoption = new();
    private AirCluster _air = null!;

    public async Task InitializeAsync() =>
        _air = await AirCluster.StartLocalAsync(
            new AirOptions
            {
                StorageFolder = Path.Combine(_folder.Path, "storage"),
                Resources = new ResourceSet { Cpu = 2, Gpu = 20 },
                HttpPort = null,
            },
            silos: 3,
            logging =>
            {
                logging.AddProvider(_complaints);
                _adoption.AddTo(logging.Services);
            }
        );

    public async Task DisposeAsync()
    {
        await _air.DisposeAsync();
        _folder.Dispose();
        _complaints.Dispose();
    }

    [Fact]
    public async Task Replace_SiloOfABundleStops_TheBundleComesToStandElsewhere()
    {
        await using var group = await Keeper(0)
            .AcquireAsync(Pair("replaced") with { OnLoss = PlacementLoss.Replace }, null, CancellationToken.None)
            .WaitAsync(Limit);
        // A silo with a bundle, but not the one that holds the group.
        var lost = group.Bundles.First(bundle => !bundle.Silo!.Equals(Silo(0)));

        await HostOf(lost.Silo!).StopAsync();

        await UntilAsync(() => group.Bundles[lost.Index].Silo is { } silo && !silo.Equals(lost.Silo));
        Assert.False(group.Lost.IsCancellationRequested);
        Assert.Equal(2, group.Bundles.Select(static bundle => bundle.Silo).Distinct().Count());
        var described = Assert.Single((await DescribeAsync()).Leases);
        Assert.Equal(
            group.Bundles.Select(static bundle => bundle.Silo),
            described.Bundles.Select(static bundle => bundle.Silo)
        );
    }

    [Fact]
    public async Task Replace_SiloOfABundleAndOfTheLedgerStops_TheNextLedgerTellsTheHolderWhereItStands()
    {
        var carrier = await LedgerSiloAsync();
        var others = new[] { 0, 1, 2 }.Where(host => !Silo(host).Equals(carrier)).ToList();
        await using var occupied = await Keeper(others[0])
            .AcquireAsync(All(Silo(others[1])), null, CancellationToken.None)
            .WaitAsync(Limit);
        await using var group = await Keeper(others[0])
            .AcquireAsync(Pair("replaced") with { OnLoss = PlacementLoss.Replace }, null, CancellationToken.None)
            .WaitAsync(Limit);
        var lost = Assert.Single(group.Bundles, bundle => bundle.Silo!.Equals(carrier));
        await occupied.DisposeAsync();

        await HostOf(carrier).StopAsync();

        await UntilAsync(() => Silo(others[1]).Equals(group.Bundles[lost.Index].Silo));
        Assert.False(group.Lost.IsCancellationRequested);
    }

    [Fact]
    public async Task Drain_LedgerMovesMeanwhile_WhatStoodOnTheSiloComesToStandElsewhere()
    {
        await using var group = await Keeper(0)
            .AcquireAsync(Pair("moved") with { OnLoss = PlacementLoss.Replace }, null, CancellationToken.None)
            .WaitAsync(Limit);
        var lost = group.Bundles.First(bundle => !bundle.Silo!.Equals(Silo(0)));
        // As a drain leaves it where the ledger is lost before it has heard of it.
        HostOf(lost.Silo!).Services.GetRequiredService<LeaseBoard>().Leave();

        await EndLedgerAsync();

        await UntilAsync(() => group.Bundles[lost.Index].Silo is { } silo && !silo.Equals(lost.Silo));
        Assert.False(group.Lost.IsCancellationRequested);
        Assert.DoesNotContain(lost.Silo, (await DescribeAsync()).Silos.Select(static silo => silo.Silo));
    }

    [Fact]
    public async Task Drain_LedgerMadeAnewAfterwards_LeasesNothingOnTheSilo()
    {
        var drains = _air.Hosts[2].Services.GetServices<IDrainPart>().OfType<LeaseDrain>().Single();
        await drains.DrainAsync(CancellationToken.None).WaitAsync(Limit);
        Assert.DoesNotContain(Silo(2), (await DescribeAsync()).Silos.Select(static silo => silo.Silo));

        await EndLedgerAsync();

        await using var group = await Keeper(2)
            .AcquireAsync(Pair("after"), null, CancellationToken.None)
            .WaitAsync(Limit);
        Assert.DoesNotContain(Silo(2), group.Bundles.Select(static bundle => bundle.Silo));
        Assert.DoesNotContain(Silo(2), (await DescribeAsync()).Silos.Select(static silo => silo.Silo));
    }

    [Fact]
    public async Task Report_LedgerMovesWhileTheSiloOfABundleHangs_NothingIsTakenForLost()
    {
        await using var group = await Keeper(0)
            .AcquireAsync(Pair("kept"), null, CancellationToken.None)
            .WaitAsync(Limit);
        var far = group.Bundles.First(bundle => !bundle.Silo!.Equals(Silo(0)));
        var stood = group.Bundles.Select(static bundle => bundle.Silo).ToList();
        _adoption.Silo = far.Silo;

        await EndLedgerAsync();
        await _adoption.Asked.WaitAsync(Limit);
        while (_adoption.Beats.TryRead(out _)) { }

        await NextFullBeatAsync();
        await NextFullBeatAsync();
        Assert.False(group.Lost.IsCancellationRequested);
        Assert.DoesNotContain(far.Silo, (await DescribeAsync()).Silos.Select(static silo => silo.Silo));
        _adoption.Release();
        await UntilAsync(async () => (await DescribeAsync()).Silos.Count == 3);

        Assert.False(group.Lost.IsCancellationRequested);
        Assert.Equal(stood, group.Bundles.Select(static bundle => bundle.Silo));
        Assert.Equal(stood, Assert.Single((await DescribeAsync()).Leases).Bundles.Select(static bundle => bundle.Silo));

        async Task NextFullBeatAsync()
        {
            using var limit = new CancellationTokenSource(Limit);
            while ((await _adoption.Beats.ReadAsync(limit.Token)).Held is not [{ Id: "kept" }])
            {
                Assert.False(group.Lost.IsCancellationRequested);
            }
        }
    }

    [Fact]
    public async Task Report_SiloOfABundleStops_TheHolderHearsIt()
    {
        await using var group = await Keeper(0)
            .AcquireAsync(Pair("reported"), null, CancellationToken.None)
            .WaitAsync(Limit);
        var lost = group.Bundles.First(bundle => !bundle.Silo!.Equals(Silo(0)));

        await HostOf(lost.Silo!).StopAsync();

        await UntilAsync(() => group.Lost.IsCancellationRequested);
    }

    [Fact]
    public async Task Acquire_FromAnotherSilo_IsTheSameGroupAndOutlivesItsFirstHolder()
    {
        var request = new PlacementRequest
        {
            Id = "claimed",
            Bundles =
            [
                new Bundle
                {
                    Resources = new ResourceSet { Cpu = 1 },
                    Silo = Silo(0).ToString(),
                },
            ],
        };
        var first = await Keeper(2).AcquireAsync(request, null, CancellationToken.None).WaitAsync(Limit);
        var second = await Keeper(1).AcquireAsync(request, null, CancellationToken.None).WaitAsync(Limit);

        Assert.Equal(first.Stamp, second.Stamp);
        Assert.Equal(HolderName.Of(Silo(1)), Assert.Single((await DescribeAsync()).Leases).Holder);

        await HostOf(Silo(2)).StopAsync();
        await UntilAsync(async () => (await DescribeAsync()).Silos.Count == 2);
        Assert.Equal(HolderName.Of(Silo(1)), Assert.Single((await DescribeAsync()).Leases).Holder);
        await second.DisposeAsync();
        Assert.Empty((await DescribeAsync()).Leases);
    }

    [Fact]
    public async Task Ledger_MadeAnewWhileAGroupWasHalfBooked_GivesTheHalfBack()
    {
        await DescribeAsync();
        var half = new Booking(Pair("half"), Guid.NewGuid(), "process gone", DateTimeOffset.UtcNow, 0, []);
        // As a ledger that was lost between its messages to two silos leaves them.
        var ballot = new Ballot(DateTimeOffset.UtcNow.Ticks, Guid.NewGuid());
        var board = _air.Hosts[1].Services.GetRequiredService<LeaseBoard>();
        board.Adopt(ballot);
        Assert.Empty(board.Apply(ballot, 1, [new BookChange(half)]).Refused);

        // Whoever asks next has the new ledger made.
        await UntilAsync(async () =>
            (await DescribeAsync()).Leases.Count == 0 && board.Snapshot().Bookings.Length == 0
        );

        Assert.All((await DescribeAsync()).Silos, static silo => Assert.Equal(2, silo.Free.Cpu));
    }

    [Fact]
    public async Task Stop_SiloWithManyLeasedGrains_IsForgottenAtOnceWithoutComplaint()
    {
        var grains = _air.Services.GetRequiredService<IGrainFactory>();
        var standing = await Task.WhenAll(
            Enumerable.Range(0, 90).Select(i => grains.GetGrain<IPlacedGrain>($"{i}").WhereAsync())
        );
        var stays = standing.Count(it => !it.Silo.Equals(Silo(2)));
        Assert.InRange(stays, 1, 89);
        var stopping = Silo(2);

        await HostOf(stopping).StopAsync();

        var report = await DescribeAsync();
        Assert.Equal(stays, report.Leases.Count);
        Assert.DoesNotContain(stopping, report.Silos.Select(static silo => silo.Silo));
        Assert.DoesNotContain(_complaints.Lines, static line => line.Contains("GrainLease", StringComparison.Ordinal));
        Assert.DoesNotContain(_complaints.Lines, static line => line.Contains("ledger", StringComparison.Ordinal));
    }

    private static PlacementRequest Pair(string id) =>
        new()
        {
            Id = id,
            Bundles = [.. Enumerable.Repeat(new Bundle { Resources = new ResourceSet { Cpu = 1 } }, 2)],
            Strategy = PlacementGroupStrategy.StrictSpread,
        };

    private Task<ResourceReport> DescribeAsync() => _air.Resources.DescribeAsync().WaitAsync(Limit);

    private LeaseKeeper Keeper(int host) => _air.Hosts[host].Services.GetRequiredService<LeaseKeeper>();

    private SiloAddress Silo(int host) => _air.Hosts[host].Services.GetRequiredService<ILocalSiloDetails>().SiloAddress;

    private IHost HostOf(SiloAddress silo) =>
        _air.Hosts.Single(host => host.Services.GetRequiredService<ILocalSiloDetails>().SiloAddress.Equals(silo));

    private static PlacementRequest All(SiloAddress silo) =>
        new()
        {
            Id = "all",
            Bundles =
            [
                new Bundle
                {
                    Resources = new ResourceSet { Cpu = 2 },
                    Silo = silo.ToString(),
                },
            ],
        };

    private async Task<SiloAddress> LedgerSiloAsync()
    {
        await DescribeAsync();
        var grains = _air.Services.GetRequiredService<IGrainFactory>();
        return (await grains.GetGrain<IManagementGrain>(0).GetActivationAddress(Ledger(grains)))!;
    }

    /// <summary>Whoever asks next, as holders do every two seconds, has the next one made.</summary>
    private Task EndLedgerAsync() =>
        Ledger(_air.Services.GetRequiredService<IGrainFactory>())
            .AsReference<IGrainManagementExtension>()
            .DeactivateOnIdle()
            .AsTask();

    private static IResourceLedgerGrain Ledger(IGrainFactory grains) => grains.GetGrain<IResourceLedgerGrain>(0);

    private Task UntilAsync(Func<bool> condition) => UntilAsync(() => Task.FromResult(condition()));

    private async Task UntilAsync(Func<Task<bool>> condition)
    {
        using var limit = new CancellationTokenSource(Limit);
        using var looks = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (!await condition())
        {
            if (limit.IsCancellationRequested)
            {
                Assert.Fail($"It did not come to that. {await ToldAsync()}");
            }

            await looks.WaitForNextTickAsync(CancellationToken.None);
        }
    }

    /// <summary>What the ledger says, and what the silos complained of.</summary>
    private async Task<string> ToldAsync()
    {
        var report = await DescribeAsync();
        var leases = report.Leases.Select(static lease =>
            $"{lease.Id}: {string.Join(", ", lease.Bundles.Select(static bundle => bundle.Silo?.ToString() ?? "none"))}"
        );
        var pending = report.Pending.Select(static request => $"{request.Id}: {request.Reason}");
        var silos = report.Silos.Select(static silo => $"{silo.Silo} free {silo.Free}");
        return $"Silos: {string.Join("; ", silos)}. Leases: {string.Join("; ", leases)}. Waiting: {string.Join("; ", pending)}. "
            + $"Complaints: {string.Join(" | ", _complaints.Lines.Select(static line => line.Length > 400 ? line[..400] : line))}";
    }
}
