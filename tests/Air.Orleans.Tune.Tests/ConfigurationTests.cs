using System.Text.Json;

namespace Air.Orleans.Tune.Tests;

public sealed class ConfigurationTests
{
    private static readonly Configuration Sample = new([
        new("b", JsonSerializer.SerializeToElement(1.5)),
        new("a", JsonSerializer.SerializeToElement("x")),
    ]);

    [Fact]
    public void Json_RoundTrip_KeepsOrderAndValues()
    {
        var json = JsonSerializer.Serialize(Sample);
        Assert.Equal("""{"b":1.5,"a":"x"}""", json);
        var read = JsonSerializer.Deserialize<Configuration>(json)!;
        Assert.Equal(Sample, read);
        Assert.Equal(Sample.GetHashCode(), read.GetHashCode());
        Assert.Equal(["b", "a"], read.Values.Keys);
        Assert.NotEqual(Sample, JsonSerializer.Deserialize<Configuration>("""{"b":1.5,"a":"y"}"""));
    }

    [Fact]
    public void Json_NotAnObject_IsRefused()
    {
        var error = Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<Configuration>("[1]"));
        Assert.Contains("a Array was found", error.Message);
    }

    [Fact]
    public void Get_UnknownName_ListsTheNames()
    {
        Assert.Equal(1.5, Sample.Get<double>("b"));
        var error = Assert.Throws<KeyNotFoundException>(() => Sample["c"]);
        Assert.Contains("Parameter 'c' is not in the configuration (names: 'b', 'a')", error.Message);
    }

    [Fact]
    public void Configuration_NameTwice_IsRefused()
    {
        var value = JsonSerializer.SerializeToElement(1);
        var error = Assert.Throws<ArgumentException>(() => new Configuration([new("a", value), new("a", value)]));
        Assert.Contains("Name 'a' occurs twice", error.Message);
    }
}
