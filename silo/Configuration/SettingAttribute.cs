namespace Air.Orleans.Silo.Configuration;

/// <summary>Makes a property of <see cref="SiloSettings"/> a setting: its names follow from the property's.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class SettingAttribute(string text) : Attribute
{
    /// <summary>What it is, for --help and docs/deploy.md.</summary>
    public string Text => text;

    /// <summary>Its flag on the command line, such as --silo-port; null for none.</summary>
    public string? Flag { get; init; }

    /// <summary>Its key below "Air:" where that is not the property's name.</summary>
    public string? Key { get; init; }

    /// <summary>What its default is, where the value itself does not say it.</summary>
    public string? Default { get; init; }

    /// <summary>Whether its value is shown nowhere.</summary>
    public bool IsSecret { get; init; }
}
