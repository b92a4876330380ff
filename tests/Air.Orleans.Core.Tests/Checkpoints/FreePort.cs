using System.Net;
using System.Net.Sockets;

namespace Air.Orleans.Core.Tests.Checkpoints;

/// <summary>Ports of loopback that nobody listens on.</summary>
internal static class FreePort
{
    public static int[] Take(int count)
    {
        TcpListener[] listeners =
        [
            .. Enumerable.Range(0, count).Select(static _ => new TcpListener(IPAddress.Loopback, 0)),
        ];
        try
        {
            return
            [
                .. listeners.Select(static listener =>
                {
                    listener.Start();
                    return ((IPEndPoint)listener.LocalEndpoint).Port;
                }),
            ];
        }
        finally
        {
            foreach (var listener in listeners)
            {
                listener.Dispose();
            }
        }
    }
}
