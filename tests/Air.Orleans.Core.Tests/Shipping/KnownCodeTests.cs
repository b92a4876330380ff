using System.Reflection;
using Air.Orleans.Core.Shipping;

namespace Air.Orleans.Core.Tests.Shipping;

public sealed class KnownCodeTests
{
    private static readonly Assembly Own = typeof(KnownCodeTests).Assembly;

    private static string OwnName => Own.GetName().Name!;

    [Fact]
    public void Find_OfTheWholeProgram_GivesWhatIsLoaded() => Assert.Same(Own, KnownCode.WholeProgram.Find(OwnName));

    [Fact]
    public void Find_OnlyOfFilesLoaded_LeavesOutTheRestOfTheFolderButNotTheLibrary()
    {
        var known = KnownCode.Only([], AppContext.BaseDirectory);
        Assert.Null(known.Find(OwnName));
        Assert.Same(typeof(AirOptions).Assembly, known.Find("Air.Orleans.Core"));
        Assert.Null(known.Find("No.Such.Assembly"));
    }

    [Fact]
    public void Find_FileLoadedFromTheProgramsFolder_IsKnown() =>
        Assert.Same(Own, KnownCode.Only([Own.Location], AppContext.BaseDirectory).Find(OwnName));

    [Fact]
    public void Find_OfAnotherFolder_IsKnown() =>
        Assert.Same(Own, KnownCode.Only([], Path.Combine(AppContext.BaseDirectory, "elsewhere")).Find(OwnName));
}
