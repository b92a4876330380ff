using Air.Orleans.Core.Resources.Control;
using static Air.Orleans.Core.Tests.Resources.LedgerRequests;

namespace Air.Orleans.Core.Tests.Resources;

public sealed class ResourceLedgerTests
{
    private static readonly DateTimeOffset Start = DateTimeOffset.UnixEpoch;

    private readonly ResourceLedger<string> _ledger = new();
    private DateTimeOffset _now = Start;

    [Fact]
    public void Decide_Fits_IsGrantedWithDevices()
    {
        Declare("a", new ResourceSet { Cpu = 4, Gpu = 2 });

        var entry = Ask("run", new ResourceSet { Cpu = 1, Gpu = 2 });

        Assert.Equal([0, 1], entry.Standing[0]!.Devices);
        Assert.Equal(new ResourceSet { Cpu = 3 }.ToString(), _ledger.Silos["a"].Free.ToString());
    }

    [Fact]
    public void Decide_FractionsOfAGpu_ShareTheFullestDeviceThatFits()
    {
        Declare("a", new ResourceSet { Gpu = 2 });

        var devices = new[] { 0.5, 0.3, 0.2, 1 }
            .Select((gpu, i) => Ask($"{i}", new ResourceSet { Gpu = gpu }))
            .ToList();

        Assert.All(devices[..3], entry => Assert.Equal(devices[0].Standing[0]!.Devices, entry.Standing[0]!.Devices));
        Assert.NotEqual(devices[0].Standing[0]!.Devices, devices[3].Standing[0]!.Devices);
        Assert.Equal(0, _ledger.Silos["a"].FreeGpu);
    }

    [Fact]
    public void Decide_TenTenthsOfAGpu_FitOneDevice()
    {
        Declare("a", new ResourceSet { Gpu = 1 });
        for (var i = 0; i < 10; i++)
        {
            Assert.NotNull(Ask($"{i}", new ResourceSet { Gpu = 0.1 }).Standing[0]);
        }

        Assert.Null(Ask("eleventh", new ResourceSet { Gpu = 0.1 }).Standing[0]);
    }

    [Fact]
    public void Decide_AcceleratorTypeAndLabels_AreThoseAskedFor()
    {
        _ledger.Adopt("a", new SiloOffer(new ResourceSet { Gpu = 1 }, ["T4"], Labels("zone", "a")));
        _ledger.Adopt("b", new SiloOffer(new ResourceSet { Gpu = 2 }, ["T4", "A100"], Labels("zone", "b")));

        var big = Ask(
            Request(
                "big",
                new Bundle
                {
                    Resources = new ResourceSet { Gpu = 1 },
                    AcceleratorType = "A100",
                }
            )
        );
        var near = Ask(
            Request(
                "near",
                new Bundle
                {
                    Resources = new ResourceSet { Gpu = 1 },
                    Labels = Labels("zone", "a"),
                }
            )
        );
        var none = Ask(Request("none", new Bundle { Resources = new ResourceSet(), Labels = Labels("zone", "c") }));

        Assert.Equal(("b", 1), (big.Standing[0]!.Silo, big.Standing[0]!.Devices[0]));
        Assert.Equal("a", near.Standing[0]!.Silo);
        Assert.False(_ledger.IsPossible(none));
        Assert.Contains("where zone = c; no silo is of that kind", _ledger.Explain(none), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(PlacementGroupStrategy.StrictPack, 1)]
    [InlineData(PlacementGroupStrategy.Pack, 1)]
    [InlineData(PlacementGroupStrategy.Spread, 3)]
    [InlineData(PlacementGroupStrategy.StrictSpread, 3)]
    public void Decide_Strategy_DecidesOnHowManySilos(PlacementGroupStrategy strategy, int silos)
    {
        foreach (var silo in new[] { "a", "b", "c" })
        {
            Declare(silo, Cpu(4));
        }

        var entry = Ask(Group("group", 3, Cpu(1), strategy));

        Assert.Equal(silos, entry.Standing.Select(static bundle => bundle!.Silo).Distinct().Count());
    }

    [Fact]
    public void Decide_PackThatFitsNoSingleSilo_TakesFew()
    {
        Declare("a", Cpu(2));
        Declare("b", Cpu(2));
        Declare("c", Cpu(2));

        var entry = Ask(Group("group", 4, Cpu(1), PlacementGroupStrategy.Pack));

        Assert.Equal(2, entry.Standing.Select(static bundle => bundle!.Silo).Distinct().Count());
    }

    [Fact]
    public void Decide_StrictSpreadOfUnequalBundles_FindsTheOneWay()
    {
        Declare("large", Cpu(9));
        Declare("small", Cpu(1));
        var request = Request("group", new Bundle { Resources = Cpu(1) }, new Bundle { Resources = Cpu(5) }) with
        {
            Strategy = PlacementGroupStrategy.StrictSpread,
        };

        var entry = Ask(request);

        Assert.Equal(["small", "large"], entry.Standing.Select(static bundle => bundle!.Silo));
    }

    [Fact]
    public void Decide_NoGpuNeeded_KeepsSilosWithGpuFree()
    {
        Declare("gpu", new ResourceSet { Cpu = 8, Gpu = 4 });
        Declare("cpu", Cpu(2));

        Assert.Equal("cpu", Ask("run", Cpu(1)).Standing[0]!.Silo);
    }

    [Fact]
    public void Decide_LargeRequestWaits_SmallOnesPassOnlyWhereItCouldNeverStand()
    {
        Declare("large", Cpu(4));
        Declare("small", Cpu(2));
        Ask("holds", Cpu(3));

        var large = Ask("waits", Cpu(4));
        var passes = Ask("passes", Cpu(2));
        var behind = Ask("behind", Cpu(1));

        Assert.Equal((false, true, false), (Stands(large), Stands(passes), Stands(behind)));
        Release("holds");
        Assert.True(Stands(large));
        Assert.False(Stands(behind));
    }

    [Fact]
    public void Decide_HigherPriority_GoesFirst()
    {
        Declare("a", Cpu(1));
        Ask("holds", Cpu(1));
        var low = Ask("low", Cpu(1));
        var high = Ask(Request("high", new Bundle { Resources = Cpu(1) }) with { Priority = 5 });

        Release("holds");

        Assert.Equal((false, true), (Stands(low), Stands(high)));
    }

    [Fact]
    public void Age_LowPriorityThatWaits_IsNotStarved()
    {
        Declare("a", Cpu(1));
        Ask("holds", Cpu(1));
        var low = Ask("low", Cpu(1));
        _now += 6 * ResourceLedger<string>.AgeingStep;
        var high = Ask(Request("high", new Bundle { Resources = Cpu(1) }) with { Priority = 5 });
        _ledger.Age(_now);

        Release("holds");

        Assert.Equal((true, false), (Stands(low), Stands(high)));
    }

    [Fact]
    public void Forget_ReportedLoss_KeepsTheRestUntilReleased()
    {
        Declare("a", Cpu(1));
        Declare("b", Cpu(1));
        var entry = Granted(Group("group", 2, Cpu(1), PlacementGroupStrategy.StrictSpread));

        var losers = _ledger.Forget("a", _now);

        Assert.Equal([entry], losers);
        Assert.True(entry.Lost);
        Assert.Equal(0, _ledger.Silos["b"].FreeCpu);
        Release("group");
        Assert.Equal(BundleNeed.One, _ledger.Silos["b"].FreeCpu);
    }

    [Fact]
    public void Forget_ReplacedLoss_StandsAgainBeforeAllNewRequestsAndApart()
    {
        Declare("a", Cpu(1));
        Declare("b", Cpu(1));
        var entry = Granted(
            Group("group", 2, Cpu(1), PlacementGroupStrategy.StrictSpread) with
            {
                OnLoss = PlacementLoss.Replace,
            }
        );
        var other = Ask(Request("new", new Bundle { Resources = Cpu(1) }) with { Priority = 100 });
        var kept = entry.Standing.Single(static bundle => bundle!.Silo == "b");

        _ledger.Forget("a", _now);
        Declare("c", Cpu(1));
        _ledger.Decide();

        Assert.Contains(kept, entry.Standing);
        Assert.Equal(["b", "c"], entry.Standing.Select(static bundle => bundle!.Silo).Order());
        Assert.False(Stands(other));
    }

    [Fact]
    public void Forget_WhileBeingGranted_BeginsAgainAsAWhole()
    {
        Declare("a", Cpu(1));
        Declare("b", Cpu(1));
        Declare("c", Cpu(1));
        var entry = Ask(Group("group", 2, Cpu(1), PlacementGroupStrategy.StrictSpread));
        var lost = entry.Standing[0]!.Silo;

        Assert.Empty(_ledger.Forget(lost, _now));
        _ledger.Decide();

        Assert.DoesNotContain(entry.Standing, bundle => bundle!.Silo == lost);
        Assert.False(entry.Lost);
    }

    [Fact]
    public void Explain_MoreThanAnySiloHas_SaysTheMostThatAnyHas()
    {
        Declare("a", new ResourceSet { Gpu = 2 });
        var entry = Ask("run", new ResourceSet { Gpu = 4 });

        Assert.False(_ledger.IsPossible(entry));
        Assert.StartsWith(
            "needs 4 GPU on one silo; the most that any has is 2 GPU (silo a: 2 GPU, free 2 GPU).",
            _ledger.Explain(entry),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Explain_BehindAnother_SaysWhoStandsBefore()
    {
        Declare("a", Cpu(1));
        Ask("holds", Cpu(1));
        Ask(Request("first", new Bundle { Resources = Cpu(1) }) with { Purpose = "workers of run 'r'" });
        var entry = Ask("second", Cpu(1));

        Assert.Contains("the most that is free on any is 0 CPU", _ledger.Explain(entry), StringComparison.Ordinal);
        Assert.EndsWith(
            "1 request(s) stand before it, the first is 'first' (workers of run 'r').",
            _ledger.Explain(entry),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Release_OfAnotherReservation_ChangesNothing()
    {
        Declare("a", Cpu(1));
        var entry = Ask("run", Cpu(1));

        Assert.False(_ledger.Release("run", Guid.NewGuid()));
        Assert.True(Stands(entry));
        Assert.True(_ledger.Release("run", entry.Stamp));
        Assert.False(_ledger.Release("run"));
    }

    [Theory]
    [InlineData(1.5)]
    [InlineData(-1)]
    [InlineData(double.NaN)]
    public void Fault_GpuThatCannotBe_IsSaid(double gpu) =>
        Assert.NotNull(Request("run", new Bundle { Resources = new ResourceSet { Gpu = gpu } }).Fault());

    private static Dictionary<string, string> Labels(string name, string value) => new() { [name] = value };

    private static bool Stands(LedgerEntry<string> entry) => entry.Standing[0] is not null;

    private void Declare(string silo, ResourceSet resources) => _ledger.Adopt(silo, new SiloOffer(resources));

    private LedgerEntry<string> Ask(string id, ResourceSet amount) =>
        Ask(Request(id, new Bundle { Resources = amount }));

    private LedgerEntry<string> Ask(PlacementRequest request)
    {
        var entry = _ledger.Ask(request, "holder", _now);
        _ledger.Decide();
        return entry;
    }

    private LedgerEntry<string> Granted(PlacementRequest request)
    {
        var entry = Ask(request);
        foreach (var bundle in Enumerable.Range(0, entry.Needs.Length))
        {
            entry.Confirm(bundle);
        }

        return entry;
    }

    private void Release(string id)
    {
        _ledger.Release(id);
        _ledger.Decide();
    }
}
