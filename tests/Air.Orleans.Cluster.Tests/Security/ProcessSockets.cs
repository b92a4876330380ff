using System.Globalization;
using System.Net;

namespace Air.Orleans.Cluster.Tests.Security;

/// <summary>The sockets of a process, as Linux tells of them.</summary>
internal static class ProcessSockets
{
    private const string Listening = "0A";

    /// <summary>Where the process listens.</summary>
    public static IReadOnlyList<IPEndPoint> ListeningOf(int processId)
    {
        var own = InodesOf(processId);
        return
        [
            .. new[] { "tcp", "tcp6" }
                .SelectMany(table => File.ReadLines($"/proc/{processId}/net/{table}").Skip(1))
                .Select(static line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
                .Where(row => row[3] == Listening && own.Contains(row[9]))
                .Select(static row => EndpointOf(row[1])),
        ];
    }

    /// <summary>How many sockets it has open, of whatever kind.</summary>
    public static int CountOf(int processId) => InodesOf(processId).Count;

    /// <summary>How many bytes of memory it holds.</summary>
    public static long MemoryOf(int processId) =>
        1024
        * long.Parse(
            File.ReadLines($"/proc/{processId}/status")
                .First(static line => line.StartsWith("VmRSS:", StringComparison.Ordinal))
                .Split(' ', StringSplitOptions.RemoveEmptyEntries)[1],
            CultureInfo.InvariantCulture
        );

    private static HashSet<string> InodesOf(int processId) =>
        [
            .. Directory
                .EnumerateFileSystemEntries($"/proc/{processId}/fd")
                .Select(static link => new FileInfo(link).LinkTarget)
                .OfType<string>()
                .Where(static target => target.StartsWith("socket:[", StringComparison.Ordinal))
                .Select(static target => target["socket:[".Length..^1]),
        ];

    /// <summary>The address in hexadecimal, in words of the machine's order, and the port.</summary>
    private static IPEndPoint EndpointOf(string text)
    {
        var parts = text.Split(':');
        var bytes = Convert.FromHexString(parts[0]);
        for (var word = 0; word < bytes.Length; word += 4)
        {
            bytes.AsSpan(word, 4).Reverse();
        }

        return new IPEndPoint(
            new IPAddress(bytes),
            int.Parse(parts[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture)
        );
    }
}
