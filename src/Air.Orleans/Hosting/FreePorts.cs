using System.Net;
using System.Net.Sockets;

namespace Air.Orleans.Hosting;

/// <summary>Finds ports on loopback that nobody listens on.</summary>
internal static class FreePorts
{
    /// <summary>This many different ports.</summary>
    public static int[] Take(int count)
    {
        var listeners = new List<TcpListener>();
        try
        {
            for (var i = 0; i < count; i++)
            {
                var listener = new TcpListener(IPAddress.Loopback, 0);
                listener.Start();
                listeners.Add(listener);
            }

            return [.. listeners.Select(static listener => ((IPEndPoint)listener.LocalEndpoint).Port)];
        }
        finally
        {
            listeners.ForEach(static listener => listener.Dispose());
        }
    }
}
