using System.Collections;
using System.Globalization;
using System.Net;
using System.Reflection;
using System.Text.RegularExpressions;

namespace Air.Orleans.Silo.Configuration;

/// <summary>One setting of a silo: a property of <see cref="SiloSettings"/> and the names under which it is set.</summary>
internal sealed partial class Setting
{
    private readonly PropertyInfo _property;
    private readonly SettingAttribute _attribute;

    private Setting(PropertyInfo property, SettingAttribute attribute)
    {
        (_property, _attribute) = (property, attribute);
        var name = attribute.Key ?? property.Name;
        Key = $"{SettingsReader.Section}:{name}";
        Variable =
            "AIR_" + WordBorder().Replace(name.Replace(":", "_", StringComparison.Ordinal), "_").ToUpperInvariant();
    }

    /// <summary>Every setting, in the order in which the record has them.</summary>
    public static IReadOnlyList<Setting> All { get; } =
    [
        .. typeof(SiloSettings)
            .GetProperties()
            .Select(static property => (Property: property, Of: property.GetCustomAttribute<SettingAttribute>()))
            .Where(static pair => pair.Of is not null)
            .Select(static pair => new Setting(pair.Property, pair.Of!)),
    ];

    /// <summary>Its key in configuration files, such as Air:SiloPort.</summary>
    public string Key { get; }

    /// <summary>Its environment variable, such as AIR_SILO_PORT.</summary>
    public string Variable { get; }

    /// <inheritdoc cref="SettingAttribute.Flag"/>
    public string? Flag => _attribute.Flag;

    /// <inheritdoc cref="SettingAttribute.Text"/>
    public string Text => _attribute.Text;

    /// <inheritdoc cref="SettingAttribute.IsSecret"/>
    public bool IsSecret => _attribute.IsSecret;

    public Type Type => _property.PropertyType;

    /// <summary>Whether it may be given several times.</summary>
    public bool IsList => Type == typeof(IReadOnlyList<string>);

    /// <summary>The name of the property.</summary>
    public string Name => _property.Name;

    /// <summary>What it is where nobody sets it, for people.</summary>
    public string Default => _attribute.Default ?? Describe(_property.GetValue(new SiloSettings()));

    public void Set(SiloSettings settings, object? value) => _property.SetValue(settings, value);

    private static string Describe(object? value) =>
        value switch
        {
            null or "" => "none",
            bool flag => flag ? "true" : "false",
            TimeSpan time => time.TotalSeconds.ToString(CultureInfo.InvariantCulture),
            Enum choice => choice.ToString().ToLowerInvariant(),
            IPAddress address => address.ToString(),
            ICollection { Count: 0 } => "none",
            _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
        };

    [GeneratedRegex("(?<=[a-z0-9])(?=[A-Z])")]
    private static partial Regex WordBorder();
}
