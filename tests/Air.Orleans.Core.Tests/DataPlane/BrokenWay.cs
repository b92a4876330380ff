using System.Net;
using System.Net.Sockets;
using Air.Orleans.Core.DataPlane;

namespace Air.Orleans.Core.Tests.DataPlane;

/// <summary>
/// A way to an endpoint that counts the bytes that come from it, and can break, fall silent, or change them.
/// </summary>
internal sealed class BrokenWay : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly DataEndpoint _target;
    private readonly List<TcpClient> _open = [];
    private long _passed;

    public BrokenWay(DataEndpoint target)
    {
        _target = target;
        _listener.Start();
        _ = AcceptAsync();
    }

    /// <summary>The way as an endpoint.</summary>
    public DataEndpoint Endpoint =>
        _target with
        {
            Host = "127.0.0.1",
            Port = ((IPEndPoint)_listener.LocalEndpoint).Port,
        };

    /// <summary>How many connections were made.</summary>
    public int Connections { get; private set; }

    /// <summary>Is given what came, its place in all that came, and may change it; false breaks the connection.</summary>
    public Func<Memory<byte>, long, ValueTask<bool>> OnBytes { get; set; } =
        static (_, _) => ValueTask.FromResult(true);

    /// <summary>Refuses new connections.</summary>
    public void Close() => _listener.Stop();

    public void Dispose()
    {
        _listener.Dispose();
        lock (_open)
        {
            _open.ForEach(static client => client.Dispose());
        }
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var near = await _listener.AcceptTcpClientAsync();
                var far = new TcpClient();
                lock (_open)
                {
                    Connections++;
                    _open.AddRange([near, far]);
                }

                await far.ConnectAsync(_target.Host, _target.Port);
                _ = PassAsync(near, far, isAnswer: false);
                _ = PassAsync(far, near, isAnswer: true);
            }
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            // The way is closed.
        }
    }

    private async Task PassAsync(TcpClient from, TcpClient to, bool isAnswer)
    {
        try
        {
            var buffer = new byte[16 << 10];
            while (await from.GetStream().ReadAsync(buffer) is > 0 and var read)
            {
                if (isAnswer)
                {
                    var place = Interlocked.Add(ref _passed, read) - read;
                    if (!await OnBytes(buffer.AsMemory(0, read), place))
                    {
                        break;
                    }
                }

                await to.GetStream().WriteAsync(buffer.AsMemory(0, read));
            }
        }
        catch (Exception error) when (error is IOException or ObjectDisposedException or InvalidOperationException)
        {
            // One of the ends has closed.
        }

        from.Dispose();
        to.Dispose();
    }
}
