using System.Text.Json;

namespace Air.Orleans.Cluster.Tests.WebApp;

/// <summary>What an application takes on by embedding the client.</summary>
public sealed class WebApplicationPartsTests
{
    private static readonly string[] OfServers =
    [
        "Air.Orleans.Torch",
        "Air.Orleans.Tune",
        "Air.Orleans.Azure",
        "Azure.",
        "Microsoft.Data.Sqlite",
        "Microsoft.Orleans.Persistence",
        "Microsoft.Orleans.Server",
        "SQLitePCLRaw",
        "TorchSharp",
        "libtorch",
    ];

    [Fact]
    public void Dependencies_OfTheApplication_HaveNoPartOfAServer()
    {
        var libraries = LibrariesOf(Path.Combine(WebApplication.Folder, "Air.Orleans.WebApp.deps.json"));
        var ofSilo = LibrariesOf(Path.Combine(AppContext.BaseDirectory, "air-silo.deps.json"));

        Assert.Contains(libraries, static name => name.StartsWith("Air.Orleans.Client/", StringComparison.Ordinal));
        Assert.DoesNotContain(libraries, static name => name.StartsWith("Air.Orleans/", StringComparison.Ordinal));
        Assert.DoesNotContain(libraries, IsOfServers);
        // Such a file does name them, where they are.
        Assert.Contains(ofSilo, static name => name.StartsWith("Microsoft.Orleans.Server/", StringComparison.Ordinal));
    }

    [Fact]
    public void Folder_OfTheApplication_HasNoPartOfAServer()
    {
        var files = Directory
            .GetFiles(WebApplication.Folder, "*", SearchOption.AllDirectories)
            .Select(static file => Path.GetFileName(file))
            .ToList();

        Assert.Contains("Air.Orleans.Client.dll", files);
        Assert.DoesNotContain("Air.Orleans.dll", files);
        Assert.DoesNotContain(files, IsOfServers);
    }

    private static List<string> LibrariesOf(string path)
    {
        using var file = File.OpenRead(path);
        using var document = JsonDocument.Parse(file);
        return
        [
            .. document.RootElement.GetProperty("libraries").EnumerateObject().Select(static library => library.Name),
        ];
    }

    private static bool IsOfServers(string name) =>
        OfServers.Any(prefix => name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase))
        || name.Contains("torch_cpu", StringComparison.OrdinalIgnoreCase);
}
