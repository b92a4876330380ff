using System.Text.RegularExpressions;

namespace Air.Orleans.Architecture.Tests;

/// <summary>What no file may hold.</summary>
public sealed partial class SourceTests
{
    private const int LongestFile = 450;
    private const long LargestFileBytes = 1 << 20;

    [Fact]
    public void Sources_OfTheLibraries_AreShort() =>
        Assert.DoesNotContain(
            Sources
                .Library()
                .Select(static file => (Name: Sources.Relative(file), Lines: File.ReadLines(file).Count())),
            static file => file.Lines > LongestFile
        );

    [Fact]
    public void Sources_OfTheLibraries_HoldNoForbiddenCode() =>
        Assert.Empty(
            from file in Sources.Library()
            let text = File.ReadAllText(file)
            from match in Forbidden().Matches(text)
            select $"{Sources.Relative(file)}:{LineOf(text, match.Index)}: {match.Value.Trim()}"
        );

    /// <summary>What computes runs on the slots or on a thread of its own; on the pool it would hold up the grains.</summary>
    [Fact]
    public void Sources_OfTheLibraries_ComputeOnThreadsOfTheirOwn() =>
        Assert.Empty(
            from file in Sources.Library()
            let name = Sources.Relative(file)
            where
                name != "src/Air.Orleans.Core/Resilience/Background.cs"
                && !name.StartsWith("src/Air.Orleans.Testing/", StringComparison.Ordinal)
            let text = File.ReadAllText(file)
            from match in PoolWork().Matches(text)
            select $"{name}:{LineOf(text, match.Index)}: {match.Value}"
        );

    [Fact]
    public void Sources_OfTheLibraries_StartThreadsInOnePlace() =>
        Assert.Empty(
            from file in Sources.Library()
            let name = Sources.Relative(file)
            where !name.StartsWith("src/Air.Orleans.Core/Compute/", StringComparison.Ordinal)
            let text = File.ReadAllText(file)
            from match in NewThread().Matches(text)
            select $"{name}:{LineOf(text, match.Index)}: {match.Value}"
        );

    [Theory]
    [InlineData("Task.Run(() => 1)")]
    [InlineData("ThreadPool.QueueUserWorkItem(work)")]
    [InlineData("Task.Factory.StartNew(work)")]
    [InlineData("Parallel.For(0, 8, work)")]
    [InlineData("rows.AsParallel()")]
    public void PoolWork_CodeOfThatKind_IsFound(string code) => Assert.Matches(PoolWork(), code);

    [Fact]
    public void Sources_OfAll_NameNoPathOfAMachine() =>
        Assert.Empty(
            from file in Sources.Tracked("cs", "csproj", "props", "md", "json", "yml", "yaml", "sh")
            let text = File.ReadAllText(file)
            from match in MachinePath().Matches(text)
            select $"{Sources.Relative(file)}:{LineOf(text, match.Index)}: {match.Value}"
        );

    [Fact]
    public void Files_OfTheRepository_AreSmall() =>
        Assert.Empty(
            Sources
                .Tracked()
                .Where(static file => new FileInfo(file).Length > LargestFileBytes)
                .Select(Sources.Relative)
        );

    [Fact]
    public void Links_OfMarkdown_LeadToFiles() =>
        Assert.Empty(
            from page in Sources.Tracked("md")
            from link in Link().Matches(CodeBlock().Replace(File.ReadAllText(page), ""))
            let target = Uri.UnescapeDataString(link.Groups["target"].Value)
            where !target.Contains("://") && !target.StartsWith("mailto:", StringComparison.Ordinal)
            let path = Path.Combine(Path.GetDirectoryName(page)!, target)
            where !File.Exists(path) && !Directory.Exists(path)
            select $"{Sources.Relative(page)}: {target}"
        );

    [Theory]
    [InlineData("catch { }")]
    [InlineData("catch (IOException)\n{\n}")]
    [InlineData("Thread.Sleep(1)")]
    [InlineData("Task.Delay(250)")]
    [InlineData("// TODO later")]
    public void Forbidden_CodeOfThatKind_IsFound(string code) => Assert.Matches(Forbidden(), code);

    [Theory]
    [InlineData("catch (IOException)\n{\n    // It is gone.\n}")]
    [InlineData("Task.Delay(interval, time)")]
    public void Forbidden_CodeWithAReason_IsNotFound(string code) => Assert.DoesNotMatch(Forbidden(), code);

    private static int LineOf(string text, int index) => text.AsSpan(0, index).Count('\n') + 1;

    [GeneratedRegex(
        @"\bThread\.Sleep\b|\bTask\.Delay\(\s*[0-9]|\bTODO\b|\bFIXME\b|\bcatch\s*(\([^)]*\))?\s*(when\s*\([^{]*\))?\s*\{\s*\}"
    )]
    private static partial Regex Forbidden();

    [GeneratedRegex(@"\bTask\.Run\(|\bThreadPool\.|\bTask\.Factory\b|\bTaskFactory\b|\bParallel\.For|\.AsParallel\(")]
    private static partial Regex PoolWork();

    [GeneratedRegex(@"\bnew Thread\(")]
    private static partial Regex NewThread();

    [GeneratedRegex(@"(?<![\w./~-])/(work|home|root|Users)/\w[\w./-]*|\b[A-Z]:\\Users\\\w+")]
    private static partial Regex MachinePath();

    [GeneratedRegex(@"\]\((?<target>[^)#\s]+)(#[^)]*)?\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"^```.*?^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex CodeBlock();
}
