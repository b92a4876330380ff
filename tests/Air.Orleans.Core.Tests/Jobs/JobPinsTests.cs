using Air.Orleans.Core.Jobs.Control;

namespace Air.Orleans.Core.Tests.Jobs;

public sealed class JobPinsTests
{
    private static readonly string First = new('a', 64);
    private static readonly string Second = new('b', 64);

    private readonly JobBook _book = new();

    [Fact]
    public void Strays_OfJobsThatAreGoneOrHaveOtherCode_AreTheirHolds()
    {
        Submit("night", Second);
        CodeInfo[] kept =
        [
            Code(First, "job 'night'", "job 'gone'", "job 'comes'", "somebody"),
            Code(Second, "job 'night'"),
        ];

        Assert.Equal(
            [new JobPin(First, "night"), new JobPin(First, "gone")],
            JobPins.Strays(kept, _book, [new JobPin(First, "comes")])
        );
    }

    [Fact]
    public void Missing_OfJobsWhoseCodeIsNotHeld_IsWhatIsKeptOnly()
    {
        Submit("night", First);
        Submit("held", Second);
        Submit("lost", new string('c', 64));

        Assert.Equal([new JobPin(First, "night")], JobPins.Missing([Code(First), Code(Second, "job 'held'")], _book));
    }

    private void Submit(string name, string code) =>
        _book.Submit(
            new JobSubmission(Guid.NewGuid(), name, code, "a.dll", [], [], new ResourceSet(), 0),
            DateTimeOffset.UnixEpoch
        );

    private static CodeInfo Code(string hash, params string[] holders) =>
        new()
        {
            Hash = hash,
            Name = "code",
            Files = 1,
            Bytes = 1,
            CreatedAt = DateTimeOffset.UnixEpoch,
            UsedAt = DateTimeOffset.UnixEpoch,
            HeldBy = holders,
        };
}
