using System.Xml.Linq;

namespace Air.Orleans.Architecture.Tests;

/// <summary>Which project may refer to what.</summary>
public sealed class ProjectTests
{
    private static readonly Dictionary<string, string[]> Arrows = new()
    {
        ["Air.Orleans.Kernels"] = [],
        ["Air.Orleans.Core"] = ["Air.Orleans.Kernels"],
        ["Air.Orleans.Data"] = ["Air.Orleans.Core"],
        ["Air.Orleans.Train"] = ["Air.Orleans.Data"],
        ["Air.Orleans.Torch"] = ["Air.Orleans.Train"],
        ["Air.Orleans.Tune"] = ["Air.Orleans.Core"],
        ["Air.Orleans.Serve"] = ["Air.Orleans.Data"],
        ["Air.Orleans.Client"] = ["Air.Orleans.Serve"],
        ["Air.Orleans"] = ["Air.Orleans.Client", "Air.Orleans.Serve", "Air.Orleans.Torch", "Air.Orleans.Tune"],
        ["Air.Orleans.Azure"] = ["Air.Orleans"],
        ["Air.Orleans.Testing"] = ["Air.Orleans"],
    };

    public static TheoryData<string> Projects() => [.. Sources.ProjectNames()];

    [Fact]
    public void Projects_OfTheFolder_AreThoseOfThePlan() =>
        Assert.Equal(Arrows.Keys.Order(StringComparer.Ordinal), Sources.ProjectNames().Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Projects))]
    public void ProjectReferences_OfAProject_AreThePlansArrows(string project) =>
        Assert.Equal(
            Arrows[project],
            Includes(project, "ProjectReference").Select(Path.GetFileNameWithoutExtension).Order(StringComparer.Ordinal)
        );

    [Theory]
    [InlineData("PackageReference", "TorchSharp", "Air.Orleans.Torch")]
    [InlineData("PackageReference", "libtorch", "Air.Orleans.Torch")]
    [InlineData("PackageReference", "Microsoft.Orleans.Server", "Air.Orleans")]
    [InlineData("PackageReference", "Microsoft.Orleans.Persistence", "Air.Orleans")]
    [InlineData("PackageReference", "Microsoft.Orleans.Client", "Air.Orleans.Client")]
    [InlineData("PackageReference", "Azure.", "Air.Orleans.Azure")]
    [InlineData("PackageReference", "xunit", "Air.Orleans.Testing")]
    [InlineData("FrameworkReference", "Microsoft.AspNetCore.App", "Air.Orleans.Core")]
    public void Dependency_WithOneOwner_IsOnlyThere(string kind, string prefix, string owner)
    {
        var owners = Arrows.Keys.Where(project =>
            Includes(project, kind).Any(name => name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase))
        );

        Assert.Equal([owner], owners);
    }

    [Fact]
    public void Versions_OfPackages_StandInOnePlace()
    {
        var elsewhere =
            from file in Sources.Tracked("csproj", "props", "targets")
            where Path.GetFileName(file) != "Directory.Packages.props"
            from element in XDocument.Load(file).Descendants()
            where element.Name.LocalName is "PackageReference" or "PackageVersion"
            where element.Attributes().Concat<XObject>(element.Elements()).Any(IsVersion)
            select $"{Sources.Relative(file)}: {element.Attribute("Include")?.Value}";

        Assert.Empty(elsewhere);
    }

    private static bool IsVersion(XObject part) =>
        part
            is XAttribute { Name.LocalName: "Version" or "VersionOverride" }
                or XElement { Name.LocalName: "Version" or "VersionOverride" };

    private static IEnumerable<string> Includes(string project, string kind) =>
        XDocument
            .Load(Path.Combine(Repository.Root, "src", project, $"{project}.csproj"))
            .Descendants(kind)
            .Select(static element => element.Attribute("Include")!.Value.Replace('\\', '/'));
}
