using Air.Orleans.Core.Devices;
using Air.Orleans.Core.Resources.Control;

namespace Air.Orleans.Core.Tests.Resources;

public sealed class SiloBookingsTests
{
    private static readonly Ballot First = new(1, Guid.NewGuid());
    private static readonly Ballot Second = new(2, Guid.NewGuid());

    private readonly SiloBookings _silo = new("a", new SiloOffer(new ResourceSet { Gpu = 1 }));

    [Fact]
    public void Apply_BeyondItsOffer_IsRefused()
    {
        _silo.Adopt(First);

        Assert.Empty(Apply(First, 1, Book("x", 0.6)).Refused);
        Assert.Equal([0], Apply(First, 2, Book("y", 0.6)).Refused);
        Assert.Single(_silo.All);
    }

    [Fact]
    public void Apply_OfAnOlderLedger_IsRefusedAndNamesTheNewer()
    {
        _silo.Adopt(First);
        _silo.Adopt(Second);

        var answer = Apply(First, 1, Book("x", 0.5));

        Assert.Equal(Second, answer.Ballot);
        Assert.Empty(_silo.All);
    }

    [Fact]
    public void Adopt_OfAnOlderLedger_IsAnsweredWithTheNewer()
    {
        _silo.Adopt(Second);

        Assert.Equal(Second, _silo.Adopt(First).Ballot);
    }

    [Fact]
    public void Apply_SameMessageTwice_IsWrittenOnceAndAnsweredAlike()
    {
        _silo.Adopt(First);
        var message = Book("x", 0.6);

        Assert.Equal(Apply(First, 1, message), Apply(First, 1, message));
        Assert.Single(_silo.All);
    }

    [Fact]
    public void Apply_LateMessage_ChangesNothing()
    {
        _silo.Adopt(First);
        var book = Book("x", 0.6);
        Apply(First, 1, book);
        Apply(First, 2, new StrikeChange(book.Booking.Stamp, 0));

        Apply(First, 1, book);

        Assert.Empty(_silo.All);
    }

    [Fact]
    public void Adopt_WithBookings_TellsTheNewLedgerAllOfThem()
    {
        _silo.Adopt(First);
        Apply(First, 1, Book("x", 0.5), Book("y", 0.5));

        Assert.Equal(["x", "y"], _silo.Adopt(Second).Bookings.Select(static it => it.Request.Id));
    }

    [Fact]
    public void FindGpus_DriverTellsTwo_GivesTheirTypesInOrder() =>
        Assert.Equal(
            [new GpuDevice("A100", 40_000), new GpuDevice("", 0)],
            MachineResources.FindGpus(new FakeNvml(0, "A100", null))
        );

    [Fact]
    public void FindGpus_NoDriverOrOneThatDoesNotStart_GivesNone()
    {
        Assert.Empty(MachineResources.FindGpus(null));
        Assert.Empty(MachineResources.FindGpus(new FakeNvml(9, "A100")));
    }

    private SiloAnswer Apply(Ballot ballot, long sequence, params SiloChange[] changes) =>
        _silo.Apply(ballot, sequence, changes, static _ => { });

    private static BookChange Book(string id, double gpu) =>
        new BookChange(
            new Booking(
                new PlacementRequest { Id = id, Bundles = [new Bundle { Resources = new ResourceSet { Gpu = gpu } }] },
                Guid.NewGuid(),
                "holder",
                DateTimeOffset.UnixEpoch,
                0,
                [0]
            )
        );

    private sealed class FakeNvml(int start, params string?[] names) : INvml
    {
        public int Initialise() => start;

        public int Count(out uint count)
        {
            count = (uint)names.Length;
            return 0;
        }

        public int Name(uint index, out string name)
        {
            name = names[index] ?? "";
            return names[index] is null ? 1 : 0;
        }

        public int Memory(uint index, out ulong bytes)
        {
            bytes = 40_000;
            return names[index] is null ? 1 : 0;
        }

        public int Shutdown() => 0;
    }
}
