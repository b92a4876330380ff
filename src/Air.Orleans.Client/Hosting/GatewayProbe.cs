using System.Net;
using System.Net.Sockets;

namespace Air.Orleans.Hosting;

/// <summary>Finds out why nobody answers at gateways that the membership names.</summary>
internal static class GatewayProbe
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(1);

    /// <summary>What a plain connection to each gateway meets with, all tried at once.</summary>
    public static async Task<string> DescribeAsync(IEnumerable<Uri> gateways) =>
        string.Join("; ", await Task.WhenAll(gateways.Select(DescribeAsync)));

    private static async Task<string> DescribeAsync(Uri gateway)
    {
        var endpoint = new IPEndPoint(IPAddress.Parse(gateway.Host), gateway.Port);
        using var client = new TcpClient();
        using var limit = new CancellationTokenSource(Limit);
        try
        {
            await client.ConnectAsync(endpoint, limit.Token);
            return $"{endpoint} accepts connections but does not answer as a silo";
        }
        catch (SocketException error)
        {
            return $"{endpoint}: {error.Message}";
        }
        catch (OperationCanceledException)
        {
            return $"{endpoint} does not answer";
        }
    }
}
