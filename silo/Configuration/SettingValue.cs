using System.Globalization;
using System.Net;
using Air.Orleans.Core;

namespace Air.Orleans.Silo.Configuration;

/// <summary>Reads the text of a setting as its type. An error says what must hold, without the text, which may be a secret.</summary>
internal static class SettingValue
{
    private const double LongestSeconds = 24 * 60 * 60;

    /// <exception cref="FormatException">It is not of the type; the message says what is.</exception>
    public static object? Parse(Type type, string text)
    {
        if (Nullable.GetUnderlyingType(type) is { } inner)
        {
            return text is "" or "off" or "none" ? null : Parse(inner, text);
        }

        return type switch
        {
            _ when type == typeof(string) => text,
            _ when type == typeof(int) => Port(text),
            _ when type == typeof(long) => Bytes(text),
            _ when type == typeof(bool) => Flag(text),
            _ when type == typeof(TimeSpan) => Seconds(text),
            _ when type == typeof(IPAddress) => Address(text),
            _ when type == typeof(ClusterUri) => text.Length == 0 ? null : ClusterUri.Parse(text),
            { IsEnum: true } => Choice(type, text),
            _ => throw new InvalidOperationException($"Settings of type {type.Name} cannot be read."),
        };
    }

    private static int Port(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port)
        && port is >= IPEndPoint.MinPort and <= IPEndPoint.MaxPort
            ? port
            : throw new FormatException(
                $"a port is a number from {IPEndPoint.MinPort} to {IPEndPoint.MaxPort}, where 0 takes a free one"
            );

    private static long Bytes(string text)
    {
        try
        {
            var bytes = new ResourceSet().With($"memory={text}").MemoryBytes;
            return bytes is >= 0 and < long.MaxValue ? (long)bytes : throw new FormatException();
        }
        catch (FormatException)
        {
            throw new FormatException("a size is a number of bytes of at least 0, or of KB, MB, GB or TB, such as 8GB");
        }
    }

    private static bool Flag(string text) =>
        bool.TryParse(text, out var flag) ? flag : throw new FormatException("it must be true or false");

    private static TimeSpan Seconds(string text) =>
        double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds)
        && seconds <= LongestSeconds
            ? TimeSpan.FromSeconds(seconds)
            : throw new FormatException($"a duration is a number of seconds from 0 to {LongestSeconds}, such as 2.5");

    private static IPAddress? Address(string text) =>
        text.Length == 0 ? null
        : IPAddress.TryParse(text, out var address) ? address
        : throw new FormatException("it must be an IP address of this machine, such as 127.0.0.1 or 10.0.0.5");

    private static object Choice(Type type, string text) =>
        Enum.GetNames(type).FirstOrDefault(name => name.Equals(text, StringComparison.OrdinalIgnoreCase)) is { } name
            ? Enum.Parse(type, name)
            : throw new FormatException(
                $"it must be {string.Join(" or ", Enum.GetNames(type).Select(static name => name.ToLowerInvariant()))}"
            );
}
