using Air.Orleans.Core.Security;
using Air.Orleans.Core.Tests.Resources;
using Air.Orleans.Tests;
using Microsoft.Extensions.Time.Testing;

namespace Air.Orleans.Core.Tests.Security;

public sealed class ApiKeyRingTests : IDisposable
{
    private const string Web = "web-key-of-twenty-characters";
    private const string Batch = "batch-key-of-twenty-characters";

    private readonly TemporaryFolder _folder = new();
    private readonly FakeTimeProvider _time = new();

    private string Keys => Path.Combine(_folder.Path, "keys");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void NameOf_KeysOfOptionsAndFile_AreKnownByTheirNames()
    {
        File.WriteAllText(Keys, $"# a comment\n\nbatch={Batch}\n");
        var ring = ApiKeyRing.Load(new Dictionary<string, string> { ["web"] = Web }, Keys, _time);

        Assert.Equal(("web", "batch", null), (ring.NameOf(Web), ring.NameOf(Batch), ring.NameOf(Web + " ")));
        Assert.Equal(Web, ring.First);
    }

    [Fact]
    public void NameOf_KeyTakenOutOfTheFile_IsUnknownASecondLater()
    {
        File.WriteAllText(Keys, $"web={Web}\nbatch={Batch}\n");
        var ring = ApiKeyRing.Load(new Dictionary<string, string>(), Keys, _time);
        Rewrite($"web={Web}\n");

        Assert.Null(ring.NameOf(Batch));
        Assert.Equal("web", ring.NameOf(Web));
    }

    [Fact]
    public void NameOf_FileThatCannotBeRead_TakesTheOldKeysAndSaysSoOnce()
    {
        File.WriteAllText(Keys, $"web={Web}\n");
        var ring = ApiKeyRing.Load(new Dictionary<string, string>(), Keys, _time);
        var log = new ComplaintLog();
        ring.LogTo(log);

        foreach (
            var text in new[] { $"web={Web}\nno key\n", "web=short\n", $"web={Web}\n", $"batch={Batch}\n", "no key\n" }
        )
        {
            Rewrite(text);
            ring.NameOf(Web);
            ring.NameOf(Batch);
        }

        Assert.Equal("batch", ring.NameOf(Batch));
        Assert.Collection(
            log.Lines,
            static line => Assert.Contains("cannot be read", line, StringComparison.Ordinal),
            static line => Assert.Contains("can be read again", line, StringComparison.Ordinal),
            static line => Assert.Contains("cannot be read", line, StringComparison.Ordinal)
        );
        Assert.DoesNotContain(log.Lines, static line => line.Contains(Web, StringComparison.Ordinal));
    }

    /// <summary>As Kubernetes mounts a secret: a link to a link, whose target is swapped.</summary>
    [Fact]
    public void NameOf_KeyTakenOutOfAFileBehindALink_IsUnknownASecondLater()
    {
        var folders = new[] { "one", "two" }.Select(name => Path.Combine(_folder.Path, name)).ToArray();
        Directory.CreateDirectory(folders[0]);
        Directory.CreateDirectory(folders[1]);
        File.WriteAllText(Path.Combine(folders[0], "keys"), $"web={Web}\nbatch={Batch}\n");
        File.WriteAllText(Path.Combine(folders[1], "keys"), $"web={Web}\n");
        var data = Path.Combine(_folder.Path, "data");
        Directory.CreateSymbolicLink(data, folders[0]);
        File.CreateSymbolicLink(Keys, Path.Combine(data, "keys"));
        var ring = ApiKeyRing.Load(new Dictionary<string, string>(), Keys, _time);
        Assert.Equal("batch", ring.NameOf(Batch));

        File.Delete(data);
        Directory.CreateSymbolicLink(data, folders[1]);
        _time.Advance(TimeSpan.FromSeconds(2));

        Assert.Null(ring.NameOf(Batch));
        Assert.Equal("web", ring.NameOf(Web));
    }

    [Theory]
    [InlineData("no name")]
    [InlineData("web=short")]
    public void NameOf_FileThatIsNoGoodAnyMore_StaysAsItWas(string text)
    {
        File.WriteAllText(Keys, $"web={Web}\n");
        var ring = ApiKeyRing.Load(new Dictionary<string, string>(), Keys, _time);
        Rewrite(text);

        Assert.Equal("web", ring.NameOf(Web));
    }

    [Fact]
    public void IsSet_FileWithoutKeys_AsksForAKeyThatNobodyHas()
    {
        File.WriteAllText(Keys, "# none yet\n");
        var ring = ApiKeyRing.Load(new Dictionary<string, string>(), Keys, _time);

        Assert.True(ring.IsSet);
        Assert.Null(ring.NameOf(""));
        Assert.False(ApiKeyRing.Empty.IsSet);
    }

    private void Rewrite(string text)
    {
        File.WriteAllText(Keys, text);
        File.SetLastWriteTimeUtc(Keys, File.GetLastWriteTimeUtc(Keys).AddSeconds(5));
        _time.Advance(TimeSpan.FromSeconds(2));
    }
}
