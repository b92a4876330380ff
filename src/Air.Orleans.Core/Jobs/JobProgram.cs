using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Text.Json;
using Air.Orleans.Core.Shipping;
using Air.Orleans.Core.Shipping.Code;

namespace Air.Orleans.Core.Jobs;

/// <summary>A program on the machine of the one who submits it: its bundle, and which file is started. Checked before anything is sent.</summary>
internal sealed record JobProgram(CodeBundle Bundle, string Entry)
{
    private const string Settings = ".runtimeconfig.json";

    /// <summary>Reads a DLL with what lies beside it, or the folder that 'dotnet publish' made.</summary>
    /// <exception cref="ShippingException">It is no program that could run; the message says what to do.</exception>
    public static JobProgram Read(string path)
    {
        var full = Path.GetFullPath(path);
        var entry = Directory.Exists(full) ? EntryOf(full) : full;
        if (!File.Exists(entry))
        {
            throw new ShippingException(
                $"There is no file '{full}'. Build the program, and give its DLL or its publish folder."
            );
        }

        var folder = Path.GetDirectoryName(entry)!;
        CheckAssembly(entry, folder);
        if (!File.Exists(Path.ChangeExtension(entry, null) + Settings))
        {
            throw new ShippingException(
                $"'{entry}' has no '{Path.GetFileNameWithoutExtension(entry)}{Settings}' beside it, which says for which .NET it was built. "
                    + "Give the DLL where 'dotnet build' or 'dotnet publish' put it."
            );
        }

        CheckDependencies(entry, folder);
        var files = Directory
            .EnumerateFiles(folder, "*", SearchOption.AllDirectories)
            .ToDictionary(file => Path.GetRelativePath(folder, file).Replace('\\', '/'));
        return new JobProgram(CodeBundle.Of(Path.GetFileNameWithoutExtension(entry), files), Path.GetFileName(entry));
    }

    /// <summary>The one program of a folder.</summary>
    private static string EntryOf(string folder)
    {
        var programs = Directory.GetFiles(folder, "*" + Settings);
        return programs switch
        {
            [var only] => only[..^Settings.Length] + ".dll",
            [] => throw new ShippingException(
                $"The folder '{folder}' holds no program (no file NAME{Settings}). Give the folder that 'dotnet publish' made, or a DLL."
            ),
            _ => throw new ShippingException(
                $"The folder '{folder}' holds several programs ({string.Join(", ", programs.Select(static file => Path.GetFileName(file)[..^Settings.Length]))}). "
                    + "Give the DLL of one."
            ),
        };
    }

    private static void CheckAssembly(string entry, string folder)
    {
        try
        {
            using var file = new PEReader(File.OpenRead(entry));
            if (!file.HasMetadata)
            {
                throw new ShippingException(
                    $"'{entry}' is a native library and no .NET assembly. Give the DLL with the program's Main."
                );
            }

            if (file.PEHeaders.CorHeader!.EntryPointTokenOrRelativeVirtualAddress == 0)
            {
                throw new ShippingException(
                    $"'{entry}' has no entry point: it is a class library. Set <OutputType>Exe</OutputType> and give it a Main, or submit the "
                        + "program that uses it."
                );
            }

            foreach (var reference in References(file.GetMetadataReader()))
            {
                if (!Border.IsFramework(reference) && !File.Exists(Path.Combine(folder, reference + ".dll")))
                {
                    throw new ShippingException(
                        $"'{Path.GetFileName(entry)}' needs assembly '{reference}', which is not beside it in '{folder}'. Publish the program "
                            + "('dotnet publish') and submit that folder."
                    );
                }
            }
        }
        catch (BadImageFormatException error)
        {
            throw new ShippingException(
                $"'{entry}' is no .NET assembly: {error.Message} Give the DLL that 'dotnet build' made.",
                error
            );
        }
    }

    private static IEnumerable<string> References(MetadataReader reader) =>
        reader.AssemblyReferences.Select(handle => reader.GetString(reader.GetAssemblyReference(handle).Name));

    /// <summary>What the program's .deps.json says it needs must be there: 'dotnet build' of a library leaves packages in their cache.</summary>
    private static void CheckDependencies(string entry, string folder)
    {
        var file = Path.ChangeExtension(entry, ".deps.json");
        if (!File.Exists(file))
        {
            return;
        }

        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(file));
            foreach (var target in document.RootElement.GetProperty("targets").EnumerateObject())
            {
                foreach (var package in target.Value.EnumerateObject())
                {
                    if (!package.Value.TryGetProperty("runtime", out var assemblies))
                    {
                        continue;
                    }

                    foreach (var assembly in assemblies.EnumerateObject())
                    {
                        var name = Path.GetFileName(assembly.Name);
                        if (
                            !File.Exists(Path.Combine(folder, name))
                            && !File.Exists(Path.Combine(folder, assembly.Name))
                        )
                        {
                            throw new ShippingException(
                                $"'{Path.GetFileName(entry)}' needs '{name}' of {package.Name}, which is not in '{folder}'. Publish the program "
                                    + "('dotnet publish') and submit that folder."
                            );
                        }
                    }
                }
            }
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new ShippingException($"'{file}' cannot be read: {error.Message} Build the program again.", error);
        }
    }
}
