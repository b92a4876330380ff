using Air.Orleans.Core.Jobs;
using Air.Orleans.Core.Tests.Shipping;
using Air.Orleans.Tests;

namespace Air.Orleans.Core.Tests.Jobs;

public sealed class JobProgramTests : IDisposable
{
    private const string Hello = "Console.WriteLine(\"hello\");";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Read_ProgramAndItsFolder_AreTheSameBundle()
    {
        var file = UserCode.Compile(_folder.Path, "hello", Hello, isProgram: true);
        Directory.CreateDirectory(Path.Combine(_folder.Path, "runtimes/linux-x64/native"));
        File.WriteAllText(Path.Combine(_folder.Path, "runtimes/linux-x64/native/libx.so"), "native");

        var program = JobProgram.Read(file);

        Assert.Equal("hello.dll", program.Entry);
        Assert.Contains(program.Bundle.Manifest.Files, static item => item.Path == "runtimes/linux-x64/native/libx.so");
        Assert.Equal(program.Bundle.Hash, JobProgram.Read(_folder.Path).Bundle.Hash);
    }

    [Fact]
    public void Read_FileThatIsNoAssembly_IsRefused()
    {
        File.WriteAllText(Path.Combine(_folder.Path, "text.dll"), "text");

        AssertRefused("text.dll", "is no .NET assembly");
    }

    [Fact]
    public void Read_LibraryWithoutMain_IsRefused()
    {
        UserCode.Compile(_folder.Path, "library", "public class Nothing;");

        AssertRefused("library.dll", "no entry point", "<OutputType>Exe</OutputType>");
    }

    [Fact]
    public void Read_ProgramWithoutItsLibrary_NamesIt()
    {
        var library = UserCode.Compile(
            Path.Combine(_folder.Path, "elsewhere"),
            "Taxes",
            "public static class Rates { public static int Of(int x) => x; }"
        );
        UserCode.Compile(_folder.Path, "shop", "Console.WriteLine(Rates.Of(1));", [library], isProgram: true);

        AssertRefused("shop.dll", "'Taxes'", "dotnet publish");
    }

    [Fact]
    public void Read_ProgramWhosePackageIsNotThere_NamesIt()
    {
        UserCode.Compile(_folder.Path, "shop", Hello, isProgram: true);
        File.WriteAllText(
            Path.Combine(_folder.Path, "shop.deps.json"),
            """{ "targets": { "net10.0": { "Taxes/1.2.3": { "runtime": { "lib/net10.0/Taxes.dll": {} } } } } }"""
        );

        AssertRefused("shop.dll", "'Taxes.dll' of Taxes/1.2.3", "dotnet publish");
    }

    [Fact]
    public void Read_ProgramWithoutRuntimeConfig_IsRefused()
    {
        var file = UserCode.Compile(_folder.Path, "hello", Hello, isProgram: true);
        File.Delete(Path.ChangeExtension(file, ".runtimeconfig.json"));

        AssertRefused("hello.dll", "hello.runtimeconfig.json");
    }

    [Theory]
    [InlineData("", "holds no program")]
    [InlineData("missing.dll", "There is no file")]
    public void Read_NothingThere_IsRefused(string name, string part) => AssertRefused(name, part);

    [Fact]
    public void Read_FolderWithTwoPrograms_NamesThem()
    {
        UserCode.Compile(_folder.Path, "first", Hello, isProgram: true);
        UserCode.Compile(_folder.Path, "second", Hello, isProgram: true);

        AssertRefused("", "first", "second");
    }

    private void AssertRefused(string name, params string[] parts)
    {
        var error = Assert.Throws<ShippingException>(() => JobProgram.Read(Path.Combine(_folder.Path, name)));

        Assert.All(parts, part => Assert.Contains(part, error.Message));
    }
}
