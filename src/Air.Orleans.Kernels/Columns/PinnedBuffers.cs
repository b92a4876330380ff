using System.Buffers;

namespace Air.Orleans.Kernels.Columns;

/// <summary>Holds the buffers of many columns in place, so that a loop over rows can change between them by address.</summary>
internal readonly unsafe struct PinnedBuffers : IDisposable
{
    private readonly MemoryHandle[] handles;
    private readonly nint[] addresses;

    public PinnedBuffers(int count)
    {
        handles = new MemoryHandle[count];
        addresses = new nint[count];
    }

    public ReadOnlySpan<nint> Addresses => addresses;

    public static PinnedBuffers Of<T>(IReadOnlyList<T> sources, Func<T, ReadOnlyMemory<byte>> buffer)
    {
        var pinned = new PinnedBuffers(sources.Count);
        for (var i = 0; i < sources.Count; i++)
        {
            pinned.handles[i] = buffer(sources[i]).Pin();
            pinned.addresses[i] = (nint)pinned.handles[i].Pointer;
        }

        return pinned;
    }

    public void Dispose()
    {
        foreach (var handle in handles)
        {
            handle.Dispose();
        }
    }
}
