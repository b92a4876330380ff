using System.Net;
using System.Net.Sockets;

namespace Air.Orleans.Hosting;

/// <summary>Reads "host:port, host" and finds out why nobody answers there.</summary>
internal static class GatewayAddress
{
    public const int DefaultPort = 30000;

    /// <exception cref="FormatException">A part is no host with a port.</exception>
    public static async Task<IReadOnlyList<IPEndPoint>> ParseAsync(string text, CancellationToken cancellationToken)
    {
        var endpoints = new List<IPEndPoint>();
        foreach (var part in text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var colon = part.LastIndexOf(':');
            var host = colon < 0 ? part : part[..colon];
            var port = DefaultPort;
            if (colon >= 0 && (!int.TryParse(part[(colon + 1)..], out port) || port is < 1 or > 65535))
            {
                throw new FormatException(
                    $"'{part}' is no address of a silo: write host:port with a port from 1 to 65535."
                );
            }

            endpoints.Add(new IPEndPoint(await ResolveAsync(host, part, cancellationToken), port));
        }

        return endpoints.Count > 0 ? endpoints : throw new FormatException($"'{text}' names no silo: write host:port.");
    }

    /// <summary>What a plain connection to each gateway meets with.</summary>
    public static async Task<string> WhyRefusedAsync(IEnumerable<IPEndPoint> gateways)
    {
        var reasons = new List<string>();
        foreach (var gateway in gateways)
        {
            using var client = new TcpClient();
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(1));
            try
            {
                await client.ConnectAsync(gateway, limit.Token);
                reasons.Add(
                    $"{gateway} accepts connections but belongs to no cluster '{LocalClusterName.ClusterId}', or is starting"
                );
            }
            catch (SocketException error)
            {
                reasons.Add($"{gateway}: {error.Message}");
            }
            catch (OperationCanceledException)
            {
                reasons.Add($"{gateway} does not answer");
            }
        }

        return string.Join("; ", reasons);
    }

    private static async Task<IPAddress> ResolveAsync(string host, string part, CancellationToken cancellationToken)
    {
        if (IPAddress.TryParse(host, out var address))
        {
            return address;
        }

        if (host == "localhost")
        {
            return IPAddress.Loopback;
        }

        try
        {
            var found = await Dns.GetHostAddressesAsync(host, AddressFamily.InterNetwork, cancellationToken);
            return found.Length > 0
                ? found[0]
                : throw new FormatException($"'{part}': host '{host}' has no IPv4 address.");
        }
        catch (SocketException error)
        {
            throw new FormatException($"'{part}': host '{host}' is not known: {error.Message}", error);
        }
    }
}
