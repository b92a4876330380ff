using System.Text.RegularExpressions;

namespace Air.Orleans.Tests;

/// <summary>The code in Markdown is that of files which are compiled and run.</summary>
public sealed partial class ReadmeTests
{
    public static TheoryData<string> MarkdownFiles() =>
        [
            "README.md",
            "ARCHITECTURE.md",
            .. Directory
                .GetFiles(Path.Combine(Repository.Root, "docs"), "*.md", SearchOption.AllDirectories)
                .Select(static page => Path.GetRelativePath(Repository.Root, page)),
        ];

    [Theory]
    [MemberData(nameof(MarkdownFiles))]
    public async Task Code_OfEveryPage_IsThatOfACompiledFile(string page)
    {
        var text = await File.ReadAllTextAsync(Path.Combine(Repository.Root, page));
        var named = Snippet().Matches(text);

        Assert.Equal(CodeBlock().Count(text), named.Count);
        foreach (Match snippet in named)
        {
            var source = await File.ReadAllTextAsync(Path.Combine(Repository.Root, snippet.Groups["file"].Value));
            var region = Region(source, snippet.Groups["region"].Value);
            Assert.Equal(region, snippet.Groups["code"].Value.Trim('\n'));
        }
    }

    [Fact]
    public async Task Readme_ShowsTheSixStepsOfTheQuickstart()
    {
        var text = await File.ReadAllTextAsync(Path.Combine(Repository.Root, "README.md"));

        string[] steps = ["read", "scale", "train", "loop", "tune", "predict", "serve"];
        Assert.Equal(steps, Snippet().Matches(text).Select(static snippet => snippet.Groups["region"].Value));
    }

    private static string Region(string source, string name)
    {
        var lines = source.Split('\n');
        var from = Array.FindIndex(lines, line => line.Trim() == $"// [{name}]");
        var to = Array.FindIndex(lines, line => line.Trim() == $"// [/{name}]");
        Assert.True(from >= 0 && to > from, $"There is no region [{name}].");
        var region = lines[(from + 1)..to];
        var indent = region
            .Where(static line => line.Trim().Length > 0)
            .Min(static line => line.Length - line.TrimStart().Length);
        return string.Join('\n', region.Select(line => line.Length >= indent ? line[indent..] : line.Trim()))
            .Trim('\n');
    }

    [GeneratedRegex(
        @"<!-- (?<file>[^\s#]+)#(?<region>[\w-]+) -->\n```csharp\n(?<code>.*?)\n```",
        RegexOptions.Singleline
    )]
    private static partial Regex Snippet();

    [GeneratedRegex(@"^```(csharp|cs|c#)\b", RegexOptions.Multiline | RegexOptions.IgnoreCase)]
    private static partial Regex CodeBlock();
}
