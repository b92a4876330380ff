using System.Net;
using Air.Orleans.Core;

namespace Air.Orleans.Silo.Configuration;

/// <summary>What must hold of settings that can each be read.</summary>
internal static class SettingsRules
{
    private const int ShortestKey = 16;

    /// <summary>Everything that does not hold.</summary>
    /// <param name="settings">The settings.</param>
    /// <param name="unread">The names of those whose text could not be read: they have their defaults, which nobody gave.</param>
    public static IEnumerable<string> Faults(SiloSettings settings, IReadOnlySet<string> unread) =>
        [
            .. Of(nameof(settings.Resources), settings.Resources, text => new ResourceSet().With(text)),
            .. Of(nameof(settings.Labels), settings.Labels, AirOptions.ParseLabels),
            .. settings
                .Load.Where(static file => !File.Exists(file))
                .Select(static file => $"Air:Load is '{file}': there is no such file."),
            .. Ports(settings),
            .. Addresses(settings, unread),
            .. Admin(settings, unread),
            .. Drain(settings),
        ];

    private static IEnumerable<string> Of(string name, string text, Func<string, object> parse)
    {
        try
        {
            parse(text);
            return [];
        }
        catch (FormatException error)
        {
            return [$"Air:{name} is '{text}': {error.Message}"];
        }
    }

    private static IEnumerable<string> Ports(SiloSettings settings)
    {
        (string Name, int? Port)[] ports =
        [
            ("Air:SiloPort", settings.SiloPort),
            ("Air:GatewayPort", settings.GatewayPort),
            ("Air:HttpPort", settings.HttpPort),
            ("Air:DataPort", settings.DataPort),
            ("Air:FlightPort", settings.FlightPort),
            ("Air:AdminPort", settings.AdminPort),
        ];
        return ports
            .Where(static it => it.Port > 0)
            .GroupBy(static it => it.Port)
            .Where(static same => same.Count() > 1)
            .Select(static same =>
                $"{string.Join(" and ", same.Select(static it => it.Name))} are both {same.Key}: each port must be another, or 0 for a free one."
            );
    }

    private static IEnumerable<string> Addresses(SiloSettings settings, IReadOnlySet<string> unread)
    {
        if (settings.Address is { } address && (address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any)))
        {
            yield return $"Air:Address is '{address}': it is told to the other silos, so it must be one address of this machine.";
        }

        if (settings.Kubernetes && settings.Address is null && !unread.Contains(nameof(settings.Address)))
        {
            yield return "Air:Kubernetes is true and Air:Address is not set: set it to the pod's IP (status.podIP), as other pods must reach the silo.";
        }

        if (settings.Kubernetes && settings.Cluster.Scheme == "file" && !unread.Contains(nameof(settings.Cluster)))
        {
            yield return $"Air:Kubernetes is true and Air:Cluster is '{settings.Cluster}': pods share no files, so give the URI of Redis, PostgreSQL or Azure.";
        }
    }

    private static IEnumerable<string> Admin(SiloSettings settings, IReadOnlySet<string> unread)
    {
        if (
            settings.AdminOpen
            && !unread.Contains(nameof(settings.AdminAddress))
            && !IPAddress.IsLoopback(settings.AdminAddress)
        )
        {
            yield return $"Air:AdminOpen is true and Air:AdminAddress is '{settings.AdminAddress}': without a key it must be loopback.";
        }

        if (settings.AdminKey.Length > 0 && settings.AdminKeyFile.Length > 0)
        {
            yield return "Air:AdminKey and Air:AdminKeyFile are both set: set one.";
        }

        if (settings.AdminKey.Length is > 0 and < ShortestKey)
        {
            yield return $"Air:AdminKey has {settings.AdminKey.Length} characters: it must have at least {ShortestKey}.";
        }

        if (settings.AdminKeyFile.Length > 0 && KeyFileFault(settings.AdminKeyFile) is { } fault)
        {
            yield return $"Air:AdminKeyFile is '{settings.AdminKeyFile}': {fault}";
        }

        if (settings is { Dashboard: true, AdminPort: null })
        {
            yield return "Air:Dashboard is true and Air:AdminPort is off: the dashboard is on the admin port, so set one, or 0.";
        }
    }

    /// <summary>Where other machines reach the admin port it must have what the silo's other ports must have.</summary>
    public static IEnumerable<string> AdminBeyondLoopback(
        SiloSettings settings,
        IReadOnlySet<string> unread,
        SecurityOptions security
    )
    {
        if (
            settings.AdminPort is null
            || unread.Contains(nameof(settings.AdminAddress))
            || IPAddress.IsLoopback(settings.AdminAddress)
            || security.AllowInsecure
        )
        {
            yield break;
        }

        string?[] missing =
        [
            security.Certificate is null && security.HttpCertificate is null
                ? "TLS (Air:Security:Certificate, Key and Authority)"
                : null,
            settings.AdminKey.Length == 0 && settings.AdminKeyFile.Length == 0 ? "a key (Air:AdminKeyFile)" : null,
        ];
        if (missing.OfType<string>().ToList() is [_, ..] all)
        {
            yield return $"Air:AdminAddress is '{settings.AdminAddress}', where other machines reach the admin port, without {string.Join(" and ", all)}: "
                + "set them, or an address of loopback, or say with --insecure that everybody on this network is trusted.";
        }
    }

    private static IEnumerable<string> Drain(SiloSettings settings)
    {
        if (settings.DrainSeconds > TimeSpan.FromHours(1))
        {
            yield return $"Air:DrainSeconds is {settings.DrainSeconds.TotalSeconds}: it must be at most 3600.";
        }
    }

    private static string? KeyFileFault(string file)
    {
        try
        {
            return File.ReadAllText(file).Trim().Length < ShortestKey
                ? $"the key in it must have at least {ShortestKey} characters."
                : null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return error.Message;
        }
    }
}
