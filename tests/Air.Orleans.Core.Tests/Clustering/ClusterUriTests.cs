namespace Air.Orleans.Core.Tests.Clustering;

public sealed class ClusterUriTests
{
    [Theory]
    [InlineData("file:///var/air", "file", "", 0, "/var/air", null, "air")]
    [InlineData("file:///var/my%20air?cluster=blue", "file", "", 0, "/var/my air", null, "blue")]
    [InlineData("sqlite:///var/air.db", "sqlite", "", 0, "/var/air.db", null, "air")]
    [InlineData("redis://cache:6380/3?cluster=blue", "redis", "cache", 6380, "3", null, "blue")]
    [InlineData("redis://cache", "redis", "cache", 6379, "0", null, "air")]
    [InlineData("redis://[::1]:6380", "redis", "::1", 6380, "0", null, "air")]
    [InlineData("postgresql://me@db:5433/runs", "postgresql", "db", 5433, "runs", "me", "air")]
    [InlineData("POSTGRESQL://db/runs", "postgresql", "db", 5432, "runs", null, "air")]
    [InlineData("azure://", "azure", "", 0, "", null, "air")]
    [InlineData("azure://account?cluster=c", "azure", "account", 0, "", null, "c")]
    public void Parse_EachForm_HasItsParts(
        string text,
        string scheme,
        string host,
        int port,
        string path,
        string? user,
        string cluster
    )
    {
        var uri = ClusterUri.Parse(text);

        Assert.Equal(
            (scheme, host, port, path, user, cluster),
            (uri.Scheme, uri.Host, uri.Port, uri.Path, uri.User, uri.ClusterId)
        );
        Assert.Equal(uri, ClusterUri.Parse(uri.ToString()));
    }

    [Fact]
    public void Parse_RelativeFile_BeginsAtTheCurrentFolder() =>
        Assert.Equal(Path.Combine(Directory.GetCurrentDirectory(), "a", "b"), ClusterUri.Parse("file:a/b").Path);

    [Theory]
    [InlineData("")]
    [InlineData("localhost")]
    [InlineData("localhost:30000")]
    [InlineData("redis:host")]
    [InlineData("redis://")]
    [InlineData("redis://host:0")]
    [InlineData("redis://host:banana")]
    [InlineData("redis://host/name")]
    [InlineData("redis://me@host")]
    [InlineData("postgresql://host")]
    [InlineData("postgresql:///database")]
    [InlineData("azure://account/path")]
    [InlineData("file:")]
    [InlineData("file://host/path")]
    [InlineData("file:///path?cluster=a/b")]
    [InlineData("file:///path?cluster=")]
    public void Parse_NoneOfTheForms_NamesThem(string text)
    {
        var error = Assert.Throws<FormatException>(() => ClusterUri.Parse(text));

        foreach (var form in new[] { "file:///path", "redis://host", "postgresql://[user@]host", "azure://" })
        {
            Assert.Contains(form, error.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("redis://:secret@host", "AIR_REDIS_PASSWORD")]
    [InlineData("postgresql://me:secret@host/db", "PGPASSWORD")]
    [InlineData("azure://account:secret@", "AZURE_STORAGE_CONNECTION_STRING")]
    public void Parse_WithAPassword_NamesItsVariableAndNeverRepeatsIt(string text, string variable)
    {
        var error = Assert.Throws<FormatException>(() => ClusterUri.Parse(text));

        Assert.Contains(variable, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Parse_UnknownParameter_IsNamedWithoutItsValue()
    {
        var error = Assert.Throws<FormatException>(() => ClusterUri.Parse("redis://host?password=xyzzy"));

        Assert.Contains("'password'", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("xyzzy", error.Message, StringComparison.Ordinal);
    }
}
