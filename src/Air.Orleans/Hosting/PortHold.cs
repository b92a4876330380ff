using System.Net;
using System.Net.Sockets;

namespace Air.Orleans.Hosting;

/// <summary>
/// Free ports of an address, kept from other processes until the silo listens on them. On Linux a bound socket that does not listen does
/// that: the system gives its port to nobody who asks for a free one, yet lets the silo's own listener have it by its number. Other
/// systems know no such thing; there the ports are only known to have been free.
/// </summary>
internal sealed class PortHold : ILifecycleParticipant<ISiloLifecycle>
{
    private readonly List<Socket> _sockets = [];
    private readonly int[] _ports;

    public PortHold(IPAddress address, int count)
    {
        try
        {
            for (var i = 0; i < count; i++)
            {
                var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
                _sockets.Add(socket);
                socket.Bind(new IPEndPoint(address, 0));
            }
        }
        catch (SocketException error)
        {
            Release();
            throw new AirException(
                $"No silo can listen on {address}: {error.Message}. Give an address of this machine, or none for loopback.",
                error
            );
        }

        _ports = [.. _sockets.Select(static socket => ((IPEndPoint)socket.LocalEndPoint!).Port)];
        if (!OperatingSystem.IsLinux())
        {
            Release();
        }
    }

    /// <summary>The ports.</summary>
    public int this[int index] => _ports[index];

    public void Participate(ISiloLifecycle observer) =>
        observer.Subscribe(
            nameof(PortHold),
            ServiceLifecycleStage.Active,
            _ =>
            {
                Release();
                return Task.CompletedTask;
            }
        );

    private void Release()
    {
        _sockets.ForEach(static socket => socket.Dispose());
        _sockets.Clear();
    }
}
