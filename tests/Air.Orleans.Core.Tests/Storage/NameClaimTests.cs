using Air.Orleans.Core.Storage;
using Air.Orleans.Tests;

namespace Air.Orleans.Core.Tests.Storage;

public sealed class NameClaimTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task TryClaim_ManyAtOnce_OneGetsEachNameAndKeepsIt()
    {
        const int claimants = 4;
        const int names = 500;
        using var round = new Barrier(claimants);
        var winners = new int[names];
        var wins = new int[names];

        await Task.WhenAll(
            Enumerable
                .Range(0, claimants)
                .Select(claimant =>
                    Task.Factory.StartNew(
                        () =>
                        {
                            for (var name = 0; name < names; name++)
                            {
                                var draft = PathOf($"{name}-{claimant}.draft");
                                File.WriteAllText(draft, $"{claimant}");
                                round.SignalAndWait();
                                if (NameClaim.TryClaim(draft, PathOf($"{name}")))
                                {
                                    winners[name] = claimant;
                                    Interlocked.Increment(ref wins[name]);
                                }
                            }
                        },
                        TaskCreationOptions.LongRunning
                    )
                )
        );

        Assert.All(wins, static count => Assert.Equal(1, count));
        Assert.All(
            Enumerable.Range(0, names),
            name => Assert.Equal($"{winners[name]}", File.ReadAllText(PathOf($"{name}")))
        );
    }

    [Fact]
    public void TryClaim_DraftThatIsGone_GetsNothing()
    {
        Assert.False(NameClaim.TryClaim(PathOf("no.draft"), PathOf("name")));
        Assert.False(File.Exists(PathOf("name")));
    }

    [Fact]
    public void TryClaim_FolderThatCannotHaveTheName_SaysWhatIsNeeded()
    {
        File.WriteAllText(PathOf("draft"), "");

        var error = Assert.Throws<IOException>(() => NameClaim.TryClaim(PathOf("draft"), PathOf(new string('n', 300))));

        Assert.Contains("cannot be made", error.Message, StringComparison.Ordinal);
    }

    private string PathOf(string name) => Path.Combine(_folder.Path, name);
}
