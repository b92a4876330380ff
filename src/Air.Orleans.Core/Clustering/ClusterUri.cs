using System.Globalization;
using IoPath = System.IO.Path;

namespace Air.Orleans.Core;

/// <summary>
/// Names a cluster, or a storage, in one line: <c>file:///path</c>, <c>redis://host:port[/db]</c>,
/// <c>postgresql://[user@]host[:port]/database</c> or <c>azure://[account]</c>, each with <c>?cluster=ID</c>; for storage also
/// <c>sqlite:///path</c>. It holds no secret: passwords come from the environment. Immutable.
/// </summary>
public sealed record ClusterUri
{
    /// <summary>The cluster's id where the URI names none.</summary>
    public const string DefaultClusterId = "air";

    /// <summary>The service's id, which all clusters share: it is part of the keys of what is stored.</summary>
    public const string ServiceId = "air";

    private const string Forms =
        "write file:///path, redis://host:port[/db], postgresql://[user@]host[:port]/database or azure://[account], "
        + "each with ?cluster=ID if it has a name of its own (for storage also sqlite:///path)";

    private ClusterUri(string scheme) => Scheme = scheme;

    /// <summary>"file", "redis", "postgresql", "azure", "sqlite", or one of a provider of the user's own; in lower case.</summary>
    public string Scheme { get; }

    /// <summary>Which cluster of those that share the place; "air" by default.</summary>
    public string ClusterId { get; private init; } = DefaultClusterId;

    /// <summary>The user's name; null where there is none.</summary>
    public string? User { get; private init; }

    /// <summary>The host, or the account of azure; empty where there is none.</summary>
    public string Host { get; private init; } = "";

    /// <summary>The port; the scheme's own (6379, 5432) where the URI names none, and 0 where the scheme has none.</summary>
    public int Port { get; private init; }

    /// <summary>The full path of file and sqlite; the database of redis ("0" by default) and postgresql; else what follows the host.</summary>
    public string Path { get; private init; } = "";

    /// <summary>Reads a URI. A relative path (<c>file:folder</c>) begins at the current folder.</summary>
    /// <exception cref="FormatException">It has none of the forms, or a password; the message says what to write.</exception>
    public static ClusterUri Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var (body, query) = Cut(text, '?');
        var colon = body.IndexOf(':', StringComparison.Ordinal);
        var scheme = colon < 0 ? "" : body[..colon].ToLowerInvariant();
        var rest = body[(colon + 1)..];
        var uri = scheme switch
        {
            "file" or "sqlite" => new ClusterUri(scheme) { Path = LocalPath(text, rest) },
            "" => throw NoForm(text, "has no scheme"),
            _ when !rest.StartsWith("//", StringComparison.Ordinal) => throw NoForm(
                text,
                "has no '//' after its scheme"
            ),
            _ => Remote(text, scheme, rest[2..]),
        };
        return uri with { ClusterId = ClusterIdOf(text, query) };
    }

    /// <summary>A folder of files, as <c>file:</c> names it.</summary>
    public static ClusterUri OfFolder(string folder) => new("file") { Path = IoPath.GetFullPath(folder) };

    /// <summary>The environment variable that carries the scheme's secret; null where there is none.</summary>
    public string? SecretVariable => SecretVariableOf(Scheme);

    /// <summary>The URI as it is written; there is no secret in it.</summary>
    public override string ToString()
    {
        var suffix = ClusterId == DefaultClusterId ? "" : $"?cluster={ClusterId}";
        if (Scheme is "file" or "sqlite")
        {
            var slash = Path.StartsWith('/') ? "" : "/";
            return $"{Scheme}://{slash}{Escape(Path.Replace('\\', '/'))}{suffix}";
        }

        var user = User is null ? "" : $"{Uri.EscapeDataString(User)}@";
        var host = Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]" : Host;
        var port = Port == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $":{Port}");
        var path = Path.Length == 0 || (Scheme == "redis" && Path == "0") ? "" : $"/{Escape(Path)}";
        return $"{Scheme}://{user}{host}{port}{path}{suffix}";
    }

    private static string Escape(string path) =>
        string.Join('/', path.Split('/').Select(static part => Uri.EscapeDataString(part)));

    private static string LocalPath(string text, string rest)
    {
        if (rest.StartsWith("//", StringComparison.Ordinal))
        {
            rest = rest[2..];
            if (!rest.StartsWith('/'))
            {
                throw NoForm(text, "has a host in front of its path (a full path needs three slashes)");
            }
        }

        var path = Uri.UnescapeDataString(rest);
        // file:///C:/folder
        path = path.Length > 2 && path[0] == '/' && char.IsAsciiLetter(path[1]) && path[2] == ':' ? path[1..] : path;
        return path.Length > 0 ? IoPath.GetFullPath(path) : throw NoForm(text, "names no path");
    }

    private static ClusterUri Remote(string text, string scheme, string rest)
    {
        var (authority, path) = Cut(rest, '/');
        var at = authority.LastIndexOf('@');
        var user = at < 0 ? null : authority[..at];
        if (user?.Contains(':', StringComparison.Ordinal) == true)
        {
            // Neither the text nor a part of it is repeated: it has a password.
            throw new FormatException(
                $"A URI of scheme '{scheme}' carries a password; give it in the environment variable "
                    + $"{SecretVariableOf(scheme) ?? "of its provider"} and leave it out of the URI."
            );
        }

        var (host, port) = HostAndPort(text, authority[(at + 1)..], DefaultPort(scheme));
        path = Uri.UnescapeDataString(path.TrimEnd('/'));
        Check(scheme, text, user, host, path);
        return new ClusterUri(scheme)
        {
            User = user is null ? null : Uri.UnescapeDataString(user),
            Host = host,
            Port = port,
            Path = scheme == "redis" && path.Length == 0 ? "0" : path,
        };
    }

    private static void Check(string scheme, string text, string? user, string host, string path)
    {
        if (scheme is "redis" or "postgresql" && host.Length == 0)
        {
            throw NoForm(text, "names no host");
        }

        if (
            scheme == "redis"
            && path.Length > 0
            && !int.TryParse(path, NumberStyles.None, CultureInfo.InvariantCulture, out _)
        )
        {
            throw NoForm(text, $"has '{path}' where the number of a database must be");
        }

        if (scheme == "redis" && user is not null)
        {
            throw NoForm(text, "names a user, which redis:// does not take");
        }

        if (scheme == "postgresql" && (path.Length == 0 || path.Contains('/', StringComparison.Ordinal)))
        {
            throw NoForm(text, "names no database");
        }

        if (scheme == "azure" && (path.Length > 0 || user is not null))
        {
            throw NoForm(text, "has more than an account");
        }
    }

    private static (string Host, int Port) HostAndPort(string text, string authority, int port)
    {
        var colon = authority.LastIndexOf(':');
        if (colon > authority.LastIndexOf(']'))
        {
            var number = authority[(colon + 1)..];
            if (
                !int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out port)
                || port is < 1 or > 65535
            )
            {
                throw NoForm(text, $"has '{number}' where a port from 1 to 65535 must be");
            }

            authority = authority[..colon];
        }

        return (authority.Trim('[', ']'), port);
    }

    private static string ClusterIdOf(string text, string query)
    {
        var id = DefaultClusterId;
        foreach (var part in query.Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var (name, value) = Cut(part, '=');
            if (name != "cluster")
            {
                throw new FormatException(
                    $"A cluster's URI has the parameter '{name}'; the only one is cluster, and secrets come from the environment."
                );
            }

            id = Uri.UnescapeDataString(value);
        }

        return id.Length is > 0 and <= 63 && id.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.')
            ? id
            : throw NoForm(text, $"names the cluster '{id}', which must be 1 to 63 letters, digits, '-', '_' or '.'");
    }

    private static string? SecretVariableOf(string scheme) =>
        scheme switch
        {
            "redis" => "AIR_REDIS_PASSWORD",
            "postgresql" => "PGPASSWORD",
            "azure" => "AZURE_STORAGE_CONNECTION_STRING",
            _ => null,
        };

    private static int DefaultPort(string scheme) =>
        scheme switch
        {
            "redis" => 6379,
            "postgresql" => 5432,
            _ => 0,
        };

    private static (string Before, string After) Cut(string text, char at)
    {
        var index = text.IndexOf(at, StringComparison.Ordinal);
        return index < 0 ? (text, "") : (text[..index], text[(index + 1)..]);
    }

    private static FormatException NoForm(string text, string what) => new($"'{text}' {what}: {Forms}.");
}
