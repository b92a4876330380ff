using System.Collections.Concurrent;
using Air.Orleans.Core.DataPlane;

namespace Air.Orleans.Core.Tests.DataPlane;

/// <summary>Contents in memory under "test:NAME", which counts its leases; what is put is kept too.</summary>
internal sealed class HeldBytes : IMemorySource
{
    private readonly ConcurrentDictionary<string, (byte[] Bytes, UInt128 Stamp)> _contents = new();
    private int _leases;
    private int _opened;

    public string Scheme => "test";

    /// <summary>How many leases are held.</summary>
    public int Leases => Volatile.Read(ref _leases);

    /// <summary>How many were ever.</summary>
    public int Opened => Volatile.Read(ref _opened);

    /// <summary>Is called whenever a content is opened.</summary>
    public Func<string, Task> OnOpen { get; set; } = static _ => Task.CompletedTask;

    /// <summary>Random bytes of a seed.</summary>
    public static byte[] Noise(int length, int seed = 1)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    public void Hold(string name, byte[] bytes, UInt128 stamp = default) => _contents[name] = (bytes, stamp);

    public byte[]? Find(string name) => _contents.TryGetValue(name, out var content) ? content.Bytes : null;

    public async ValueTask<IMemoryLease> OpenAsync(string key, CancellationToken cancellationToken)
    {
        await OnOpen(key);
        var (bytes, stamp) = _contents.TryGetValue(key, out var content)
            ? content
            : throw new KeyNotFoundException($"'{key}' is not held here");
        Interlocked.Increment(ref _leases);
        Interlocked.Increment(ref _opened);
        return new Lease(this, bytes, stamp);
    }

    public async Task SendAsync(string key, Stream destination, CancellationToken cancellationToken)
    {
        using var lease = await OpenAsync(key, cancellationToken);
        await destination.WriteAsync(lease.Bytes, cancellationToken);
    }

    public async Task ReceiveAsync(string key, Stream source, long length, CancellationToken cancellationToken)
    {
        if (key == "refused")
        {
            throw new AirException("there is no place for it");
        }

        if (key == "full")
        {
            await OnOpen(key);
            throw new BlockSpaceException("there is no room for it");
        }

        var bytes = new byte[length];
        await source.ReadExactlyAsync(bytes, cancellationToken);
        Hold(key, bytes);
    }

    private sealed class Lease(HeldBytes owner, byte[] bytes, UInt128 stamp) : IMemoryLease
    {
        private int _isDisposed;

        public ReadOnlyMemory<byte> Bytes => bytes;

        public UInt128 Stamp => stamp;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _isDisposed, 1) == 0)
            {
                Interlocked.Decrement(ref owner._leases);
            }
        }
    }
}
