using System.Text.RegularExpressions;

namespace Air.Orleans.Tests;

/// <summary>What the pages promise is tested: the tests that they name are there.</summary>
public sealed partial class PromiseTests
{
    public static TheoryData<string> Pages() =>
        [
            .. Directory
                .GetFiles(Path.Combine(Repository.Root, "docs"), "*.md", SearchOption.AllDirectories)
                .Select(static page => Path.GetRelativePath(Repository.Root, page)),
        ];

    [Theory]
    [MemberData(nameof(Pages))]
    public async Task Tests_ThatAPageNames_Exist(string page)
    {
        var tests = await DeclaredAsync();
        var text = await File.ReadAllTextAsync(Path.Combine(Repository.Root, page));

        var missing = Named(text).Where(name => !tests.Contains(name)).ToList();

        Assert.True(missing.Count == 0, $"{page} names tests that are not there: {string.Join(", ", missing)}");
    }

    [Theory]
    [InlineData("docs/cluster.md", 9)]
    [InlineData("docs/failures.md", 20)]
    [InlineData("docs/checkpoints.md", 5)]
    [InlineData("docs/security.md", 11)]
    public async Task Tables_OfPromises_NameATestInEachRow(string page, int atLeast)
    {
        var text = await File.ReadAllTextAsync(Path.Combine(Repository.Root, page));
        var rows = PromiseTable()
            .Matches(text)
            .SelectMany(static table => table.Groups["rows"].Value.Split('\n', StringSplitOptions.RemoveEmptyEntries))
            .ToList();

        Assert.True(rows.Count >= atLeast, $"{page} has {rows.Count} promises in tables with a column 'test'.");
        Assert.All(rows, static row => Assert.NotEmpty(Named(row.Split('|', StringSplitOptions.TrimEntries)[^2])));
    }

    private static IEnumerable<string> Named(string text) =>
        TestName().Matches(text).Select(static name => name.Groups[1].Value);

    /// <summary>All test classes, by their names, and all tests, by "Class.Method", from the sources.</summary>
    private static async Task<HashSet<string>> DeclaredAsync()
    {
        var declared = new HashSet<string>(StringComparer.Ordinal);
        string[] folders = ["tests", Path.Combine("src", "Air.Orleans.Testing")];
        foreach (var file in folders.SelectMany(Sources))
        {
            var source = await File.ReadAllTextAsync(file);
            string? type = null;
            foreach (Match match in TypeOrTest().Matches(source))
            {
                type = match.Groups["type"] is { Success: true, Value: var name } ? name : type;
                _ = declared.Add(match.Groups["test"].Success ? $"{type}.{match.Groups["test"].Value}" : type!);
            }
        }

        return declared;
    }

    private static IEnumerable<string> Sources(string folder)
    {
        var separator = Path.DirectorySeparatorChar;
        return Directory
            .GetFiles(Path.Combine(Repository.Root, folder), "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Contains($"{separator}obj{separator}", StringComparison.Ordinal));
    }

    /// <summary>A class whose name ends like that of tests, alone or with one of its tests.</summary>
    [GeneratedRegex(@"`([A-Z]\w*(?:Tests|Faults|Conformance)(?:\.\w+)?)`")]
    private static partial Regex TestName();

    [GeneratedRegex(
        @"^ *(?:public|internal) [\w ]*\bclass (?<type>\w+)|\[(?:Requires|SmallDisk)?(?:Fact|Theory)\b.*?\bpublic [\w<> ]+? (?<test>\w+)\(",
        RegexOptions.Multiline | RegexOptions.Singleline
    )]
    private static partial Regex TypeOrTest();

    [GeneratedRegex(@"^\|[^\n]*\| test \|\n\|[-|]+\|\n(?<rows>(?:\|[^\n]*\n)+)", RegexOptions.Multiline)]
    private static partial Regex PromiseTable();
}
