using System.Collections;
using Air.Orleans.Core;
using Air.Orleans.Core.Security;
using Microsoft.Extensions.Configuration;

namespace Air.Orleans.Silo.Configuration;

/// <summary>Reads the settings from flags, the environment and files, and tells everything that is wrong with them at once.</summary>
internal static class SettingsReader
{
    public const string Section = "Air";

    /// <summary>Keys below "Air:" that are read elsewhere, by the options that hold them.</summary>
    private static readonly Dictionary<string, Type> Elsewhere = new(StringComparer.OrdinalIgnoreCase)
    {
        ["Security"] = typeof(SecurityOptions),
    };

    /// <summary>Variables that are read elsewhere; none of them is a setting that was misspelt.</summary>
    private static readonly string[] OtherVariables =
    [
        ConfigurationFiles.Variable,
        .. AirSecurityConfiguration.Variables,
        "AIR_REDIS_PASSWORD",
        "AIR_MALLOC_TUNING",
        "AIR_REQUIRE_SERVERS",
    ];

    /// <param name="configuration">Files and the environment.</param>
    /// <param name="flags">What the command line gives, by flag; it wins.</param>
    /// <exception cref="SettingsException">Something does not hold.</exception>
    public static SiloSettings Read(
        IConfiguration configuration,
        IReadOnlyDictionary<string, IReadOnlyList<string>> flags
    )
    {
        var faults = new List<string>();
        var unread = new HashSet<string>(StringComparer.Ordinal);
        var settings = new SiloSettings();
        foreach (var setting in Setting.All)
        {
            if (Read(setting, configuration, flags, settings) is { } fault)
            {
                faults.Add(fault);
                unread.Add(setting.Name);
            }
        }

        faults.AddRange(UnknownKeys(configuration));
        faults.AddRange(UnknownVariables(configuration));
        faults.AddRange(SettingsRules.Faults(settings, unread));
        faults.AddRange(SecurityFaults(configuration, settings, unread));
        return faults.Count == 0 ? settings : throw new SettingsException(faults);
    }

    private static IReadOnlyList<string> SecurityFaults(
        IConfiguration configuration,
        SiloSettings settings,
        IReadOnlySet<string> unread
    )
    {
        try
        {
            var security = configuration.GetAirSiloSecurity();
            return
            [
                .. SecurityLoader.FaultsOf(security, isSilo: true, TimeProvider.System),
                .. SettingsRules.AdminBeyondLoopback(settings, unread, security),
            ];
        }
        catch (FormatException error)
        {
            return [error.Message];
        }
    }

    /// <summary>What is wrong with the setting; null where it was read or is not given.</summary>
    private static string? Read(
        Setting setting,
        IConfiguration configuration,
        IReadOnlyDictionary<string, IReadOnlyList<string>> flags,
        SiloSettings settings
    )
    {
        var (name, texts) = Find(setting, configuration, flags);
        if (texts is null)
        {
            return null;
        }

        try
        {
            setting.Set(settings, setting.IsList ? texts : SettingValue.Parse(setting.Type, texts[^1]));
            return null;
        }
        catch (FormatException error)
        {
            var found = setting.IsSecret ? "a value that is not shown" : $"'{texts[^1]}'";
            return $"{name} is {found}: {error.Message.TrimEnd('.')}.";
        }
    }

    /// <summary>The name under which the setting is given and what is given; null where it is not.</summary>
    private static (string Name, IReadOnlyList<string>? Texts) Find(
        Setting setting,
        IConfiguration configuration,
        IReadOnlyDictionary<string, IReadOnlyList<string>> flags
    )
    {
        if (setting.Flag is { } flag && flags.TryGetValue(flag, out var given))
        {
            return (flag, given);
        }

        if (configuration[setting.Variable] is { } variable)
        {
            return (setting.Variable, Split(setting, variable));
        }

        var section = configuration.GetSection(setting.Key);
        string[] parts = [.. section.GetChildren().Select(static child => child.Value ?? "")];
        if (setting.IsList && parts.Length > 0)
        {
            return (setting.Key, parts);
        }

        if (section.Value is { } text)
        {
            return (setting.Key, Split(setting, text));
        }

        // null in a file turns off what may be off.
        return IsNull(setting, configuration) ? (setting.Key, [""]) : (setting.Key, null);
    }

    private static bool IsNull(Setting setting, IConfiguration configuration) =>
        Nullable.GetUnderlyingType(setting.Type) is not null
        && configuration
            .GetSection(Section)
            .AsEnumerable()
            .Any(pair => pair.Value is null && pair.Key.Equals(setting.Key, StringComparison.OrdinalIgnoreCase));

    private static string[] Split(Setting setting, string text) =>
        setting.IsList
            ? text.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            : [text.Trim()];

    private static IEnumerable<string> UnknownKeys(IConfiguration configuration)
    {
        foreach (var (key, value) in configuration.GetSection(Section).AsEnumerable())
        {
            var name = key.Length > Section.Length ? key[(Section.Length + 1)..] : "";
            if (name.Length == 0 || (value is null && configuration.GetSection(key).GetChildren().Any()))
            {
                continue;
            }

            var known = Known().ToList();
            if (!known.Exists(it => IsUnder(name, it)))
            {
                yield return $"{key} is no setting of a silo.{NameSuggestion.For(name, known.Select(static it => it.Name))}";
            }
        }
    }

    private static bool IsUnder(string name, (string Name, bool HasParts) known) =>
        name.Equals(known.Name, StringComparison.OrdinalIgnoreCase)
        || (known.HasParts && name.StartsWith(known.Name + ":", StringComparison.OrdinalIgnoreCase));

    private static IEnumerable<(string Name, bool HasParts)> Known() =>
        Setting
            .All.Select(static setting => (setting.Key[(Section.Length + 1)..], setting.IsList))
            .Concat(
                Elsewhere.SelectMany(static pair =>
                    pair.Value.GetProperties()
                        .Select(property =>
                            ($"{pair.Key}:{property.Name}", typeof(IEnumerable).IsAssignableFrom(property.PropertyType))
                        )
                )
            )
            .Append(("Security:Folder", false));

    /// <summary>Other programs have variables that begin so too; what is nearly a setting is one that was misspelt.</summary>
    private static IEnumerable<string> UnknownVariables(IConfiguration configuration)
    {
        string[] known = [.. Setting.All.Select(static setting => setting.Variable), .. OtherVariables];
        foreach (var variable in configuration.GetChildren().Select(static child => child.Key))
        {
            if (
                variable.StartsWith("AIR_", StringComparison.OrdinalIgnoreCase)
                && !known.Contains(variable, StringComparer.OrdinalIgnoreCase)
                && !variable.StartsWith("AIR_SECURITY_", StringComparison.OrdinalIgnoreCase)
                && NameSuggestion.For(variable, known) is { Length: > 0 } suggestion
            )
            {
                yield return $"{variable} is no setting of a silo.{suggestion}";
            }
        }
    }
}
