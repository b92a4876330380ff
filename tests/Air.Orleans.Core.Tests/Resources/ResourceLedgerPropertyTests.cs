using Air.Orleans.Core.Resources.Control;
using CsCheck;
using static Air.Orleans.Core.Tests.Resources.LedgerRequests;

namespace Air.Orleans.Core.Tests.Resources;

/// <summary>What holds of the ledger after any operations, in any order.</summary>
public sealed class ResourceLedgerPropertyTests
{
    private static readonly DateTimeOffset Start = DateTimeOffset.UnixEpoch;

    private static readonly Gen<Operation> Operations = Gen.Select(
        Gen.Int[0, 9],
        Gen.Int[0, 15],
        Gen.Int[1, 3],
        Gen.Int[0, 3],
        Gen.Int[0, 3].Select(static power => 0.25 * (1 << power)),
        Gen.Int[0, 3],
        static (kind, id, bundles, strategy, amount, silo) =>
            new Operation(kind, id, bundles, (PlacementGroupStrategy)strategy, amount, silo)
    );

    [Fact]
    public void AnyOperations_NeverOverCapacityAndAllOrNoneAndByStrategyAndTheSameOnReplay() =>
        Operations
            .List[1, 60]
            .Sample(static operations =>
            {
                var (first, second) = (Play(operations), Play(operations));
                return first.SequenceEqual(second);
            });

    [Fact]
    public void AnyQueue_HoldersRelease_EveryPossibleRequestIsGranted() =>
        Gen.Select(Gen.Int[0, 3].Select(static power => 0.5 * (1 << power)), Gen.Int[0, 5])
            .List[1, 40]
            .Sample(static requests =>
            {
                var ledger = new ResourceLedger<string>();
                ledger.Adopt("a", new SiloOffer(new ResourceSet { Cpu = 4 }));
                ledger.Adopt("b", new SiloOffer(new ResourceSet { Cpu = 2 }));
                var open = new HashSet<string>();
                foreach (var (i, (cpu, priority)) in requests.Index())
                {
                    open.Add($"{i}");
                    ledger.Ask(
                        Request($"{i}", new Bundle { Resources = Cpu(cpu) }) with
                        {
                            Priority = priority,
                        },
                        "h",
                        Start
                    );
                }

                while (open.Count > 0)
                {
                    ledger.Decide();
                    var granted = ledger
                        .Entries.Values.Where(static it => !it.Waits)
                        .Select(static it => it.Request.Id)
                        .ToList();
                    if (granted.Count == 0)
                    {
                        return false;
                    }

                    granted.ForEach(id => ledger.Release(id));
                    open.ExceptWith(granted);
                }

                return true;
            });

    private sealed record Operation(
        int Kind,
        int Id,
        int Bundles,
        PlacementGroupStrategy Strategy,
        double Amount,
        int Silo
    );

    /// <summary>Plays operations on a ledger and on silos' own books beside it, checks what must always hold, and gives all places.</summary>
    private static List<string> Play(List<Operation> operations)
    {
        var ledger = new ResourceLedger<string>();
        var places = new List<string>();
        string[] names = ["a", "b", "c", "d"];
        foreach (var name in names[..3])
        {
            ledger.Adopt(name, new SiloOffer(new ResourceSet { Cpu = 3, Gpu = 2 }));
        }

        foreach (var operation in operations)
        {
            var silo = names[operation.Silo];
            switch (operation.Kind)
            {
                case 0:
                    ledger.Forget(silo, Start);
                    break;
                case 1 when !ledger.Silos.ContainsKey(silo):
                    ledger.Adopt(silo, new SiloOffer(new ResourceSet { Cpu = 3, Gpu = 2 }));
                    break;
                case 2 or 3:
                    ledger.Release($"{operation.Id}");
                    break;
                case > 3:
                    var needs = new ResourceSet { Cpu = operation.Amount, Gpu = operation.Amount };
                    ledger.Ask(Group($"{operation.Id}", operation.Bundles, needs, operation.Strategy), "h", Start);
                    break;
            }

            ledger.Decide();
            foreach (var change in ledger.TakeChanges().Where(static change => change.Stands is not null))
            {
                change.Entry.Confirm(change.Bundle);
            }

            foreach (var entry in ledger.Entries.Values)
            {
                Check(entry);
                places.Add(string.Join(",", entry.Standing.Select(static bundle => $"{bundle?.Silo}")));
            }

            Assert.All(ledger.Silos.Values, static book => Assert.True(book.IsWithinOffer));
        }

        return places;
    }

    private static void Check(LedgerEntry<string> entry)
    {
        var silos = entry.Standing.OfType<StandingBundle<string>>().Select(static bundle => bundle.Silo).ToList();
        if (!entry.Lost)
        {
            Assert.True(silos.Count == 0 || silos.Count == entry.Needs.Length, "all or none");
        }

        var distinct = silos.Distinct().Count();
        switch (entry.Request.Strategy)
        {
            case PlacementGroupStrategy.StrictPack:
                Assert.True(distinct <= 1);
                break;
            case PlacementGroupStrategy.StrictSpread:
                Assert.Equal(silos.Count, distinct);
                break;
        }
    }
}
