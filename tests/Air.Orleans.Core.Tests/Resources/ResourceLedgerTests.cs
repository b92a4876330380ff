using Air.Orleans.Core.Resources.Control;

namespace Air.Orleans.Core.Tests.Resources;

public sealed class ResourceLedgerTests
{
    private static readonly Dictionary<string, ResourceSet> Nothing = [];

    private readonly ResourceLedger<string> _ledger = new();

    [Fact]
    public void Grant_LargeRequestAhead_IsNotOvertaken()
    {
        _ledger.Declare("a", Cpu(4), Nothing);
        Ask("first", Cpu(3));
        Ask("large", Cpu(4));
        Ask("small", Cpu(1));

        Assert.Equal("a", SiloOf("first"));
        Assert.Equal(["large", "small"], _ledger.Waiting);

        _ledger.Release("first");
        _ledger.Grant();

        Assert.Equal("a", SiloOf("large"));
        Assert.Equal(["small"], _ledger.Waiting);
    }

    [Fact]
    public void Grant_AmountSpreadOverSilos_IsNotGranted()
    {
        _ledger.Declare("a", Cpu(2), Nothing);
        _ledger.Declare("b", Cpu(2), Nothing);
        Ask("run", Cpu(3));

        Assert.False(_ledger.IsGranted("run", out _));
        Assert.False(_ledger.IsPossible(Cpu(3)));
    }

    [Fact]
    public void Grant_SeveralSilosFit_TheFreestIsTaken()
    {
        _ledger.Declare("a", Cpu(2), Nothing);
        _ledger.Declare("b", Cpu(4), Nothing);
        Ask("one", Cpu(3));
        Ask("two", Cpu(1));

        Assert.Equal("b", SiloOf("one"));
        Assert.Equal("a", SiloOf("two"));
    }

    [Fact]
    public void Grant_FractionsOfAGpu_AddUpToAWhole()
    {
        _ledger.Declare("a", new ResourceSet { Gpu = 1 }, Nothing);
        for (var i = 0; i < 11; i++)
        {
            Ask($"{i}", new ResourceSet { Gpu = 0.1 });
        }

        Assert.Equal("a", SiloOf("9"));
        Assert.Equal(["10"], _ledger.Waiting);
    }

    [Fact]
    public void Ask_SameIdAgain_IsTheSameRequest()
    {
        _ledger.Declare("a", Cpu(2), Nothing);
        Ask("run", Cpu(1));
        Ask("run", Cpu(1));

        Assert.Empty(_ledger.Waiting);
        Assert.Equal(Cpu(1).Cpu, _ledger.Free("a").Cpu);
    }

    [Fact]
    public void Forget_LostSilo_VoidsItsLeases()
    {
        _ledger.Declare("a", Cpu(2), Nothing);
        _ledger.Declare("b", Cpu(1), Nothing);
        Ask("run", Cpu(2));

        _ledger.Forget("a");

        Assert.False(_ledger.IsGranted("run", out _));
        Assert.Equal(["b"], _ledger.Declared.Keys);
    }

    [Fact]
    public void Declare_NewLedger_KnowsTheLeasesThatAreHeldAndDropsThemWhenTheyEnd()
    {
        _ledger.Declare("a", Cpu(2), new Dictionary<string, ResourceSet> { ["old"] = Cpu(2) });
        Ask("new", Cpu(1));
        Assert.False(_ledger.IsGranted("new", out _));

        _ledger.Declare("a", Cpu(2), Nothing);
        _ledger.Grant();

        Assert.False(_ledger.IsGranted("old", out _));
        Assert.Equal("a", SiloOf("new"));
    }

    [Fact]
    public void Declare_LeaseOnItsWay_IsKept()
    {
        _ledger.Declare("a", Cpu(2), Nothing);
        Ask("run", Cpu(2));

        _ledger.Declare("a", Cpu(2), Nothing);

        Assert.Equal("a", SiloOf("run"));
    }

    [Fact]
    public void Declare_GrantedLeaseIsNotHeldAnyMore_StaysUntilItsOwnerReleasesIt()
    {
        _ledger.Declare("a", Cpu(2), Nothing);
        Ask("run", Cpu(2));
        _ledger.Declare("a", Cpu(2), new Dictionary<string, ResourceSet> { ["run"] = Cpu(2) });

        _ledger.Declare("a", Cpu(2), Nothing);
        Assert.Equal("a", SiloOf("run"));

        _ledger.Release("run");

        Assert.Equal(2, _ledger.Free("a").Cpu);
    }

    [Fact]
    public void Declare_LeaseOfAQueuedRequest_TakesItOutOfTheQueue()
    {
        _ledger.Ask("run", Cpu(2));

        _ledger.Declare("a", Cpu(2), new Dictionary<string, ResourceSet> { ["run"] = Cpu(2) });
        _ledger.Grant();

        Assert.Equal("a", SiloOf("run"));
        Assert.Empty(_ledger.Waiting);
    }

    [Fact]
    public void Grant_ImpossibleRequestAhead_DoesNotHoldUpOthersForEver()
    {
        _ledger.Declare("a", Cpu(2), Nothing);
        _ledger.Declare("b", Cpu(8), Nothing);
        _ledger.Ask("huge", Cpu(8));
        _ledger.Forget("b");
        _ledger.Ask("small", Cpu(1));
        _ledger.Grant();

        Assert.Equal("a", SiloOf("small"));
        Assert.Equal(["huge"], _ledger.Waiting);
    }

    [Fact]
    public void Explain_WaitingRequest_SaysNeedStockAndPlace()
    {
        _ledger.Declare("a", Cpu(4), Nothing);
        Ask("first", Cpu(3));
        Ask("second", Cpu(2));
        Ask("third", Cpu(1));

        var text = _ledger.Explain("third", Cpu(1));

        Assert.Contains("needs 1 CPU on one silo", text);
        Assert.Contains("silo a: 4 CPU, free 1 CPU", text);
        Assert.Contains("1 request(s) stand before it", text);
    }

    [Fact]
    public void Explain_NoSilo_SaysSo() => Assert.Contains("no silo yet", _ledger.Explain("run", Cpu(1)));

    [Fact]
    public void ResourceSet_Arithmetic_CoversAllNames()
    {
        var left = new ResourceSet
        {
            Cpu = 2,
            Custom = new Dictionary<string, double> { ["disk"] = 3 },
        };
        var right = new ResourceSet
        {
            Gpu = 0.5,
            Custom = new Dictionary<string, double> { ["disk"] = 1, ["tape"] = 1 },
        };

        Assert.Equal("2 CPU, 0.5 GPU, 4 disk, 1 tape", (left + right).ToString());
        Assert.Equal("2 CPU, 3 disk", (left + right - right).ToString());
        Assert.Equal("6 CPU, 9 disk", left.Times(3).ToString());
        Assert.Equal("nothing", new ResourceSet().ToString());
        Assert.False(left.Covers(right));
        Assert.True((left + right).Covers(right));
    }

    private static ResourceSet Cpu(double count) => new() { Cpu = count };

    private void Ask(string id, ResourceSet amount)
    {
        _ledger.Ask(id, amount);
        _ledger.Grant();
    }

    private string SiloOf(string id)
    {
        Assert.True(_ledger.IsGranted(id, out var silo), $"'{id}' was not granted.");
        return silo!;
    }
}
