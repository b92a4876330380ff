using System.Text.RegularExpressions;
using Air.Orleans.Silo.Configuration;
using Air.Orleans.Tests;

namespace Air.Orleans.Silo.Tests;

/// <summary>docs/deploy.md tells of every setting, by the names and with the default that it has.</summary>
public sealed partial class DeployPageTests
{
    [Fact]
    public async Task Table_OfSettings_IsThatOfTheRecord()
    {
        var page = await File.ReadAllTextAsync(Path.Combine(Repository.Root, "docs", "deploy.md"));

        var documented = Row()
            .Matches(page)
            .Select(static row => string.Join(" | ", Enumerable.Range(1, 4).Select(i => row.Groups[i].Value.Trim())));

        Assert.Equal(
            Setting.All.Select(static it =>
                $"`{it.Key}` | `{it.Variable}` | {(it.Flag is null ? "" : $"`{it.Flag}`")} | {it.Default}"
            ),
            documented
        );
    }

    [GeneratedRegex(@"^\| (`Air:[^|]+) \|([^|]+)\|([^|]*)\|([^|]+)\|", RegexOptions.Multiline)]
    private static partial Regex Row();
}
