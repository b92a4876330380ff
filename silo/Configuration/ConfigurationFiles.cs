using Air.Orleans.Core;
using Microsoft.Extensions.Configuration;

namespace Air.Orleans.Silo.Configuration;

/// <summary>
/// Where settings are read, the later over the earlier: appsettings.json beside the program, appsettings.json in the current folder, the file
/// that --config or AIR_CONFIG names, the environment.
/// </summary>
internal static class ConfigurationFiles
{
    public const string Flag = "--config";
    public const string Variable = "AIR_CONFIG";

    private const string Usual = "appsettings.json";

    /// <param name="file">The file that --config names.</param>
    /// <param name="typed">Values that the command line gives, over all others.</param>
    /// <exception cref="AirException">A file is not there or cannot be read.</exception>
    public static IConfigurationRoot Read(string? file, IReadOnlyDictionary<string, string?>? typed = null)
    {
        file ??= Environment.GetEnvironmentVariable(Variable);
        if (file is { Length: > 0 } && !File.Exists(file))
        {
            throw new AirException($"{Flag} is '{file}': there is no such file.");
        }

        var builder = new ConfigurationBuilder()
            .AddJsonFile(Path.Combine(AppContext.BaseDirectory, Usual), optional: true)
            .AddJsonFile(Path.Combine(Environment.CurrentDirectory, Usual), optional: true);
        if (file is { Length: > 0 })
        {
            builder.AddJsonFile(Path.GetFullPath(file));
        }

        try
        {
            return builder.AddEnvironmentVariables().AddInMemoryCollection(typed).Build();
        }
        catch (InvalidDataException error)
        {
            throw new AirException($"{error.Message} {error.InnerException?.Message}".Trim(), error);
        }
    }
}
