using System.Buffers;
using Apache.Arrow.Memory;

namespace Air.Orleans.Core.Blocks;

/// <summary>
/// Reads Arrow streams into arrays of the garbage collector, as all blocks are: native memory would be freed under a reader
/// who holds a span of a column that nobody refers to any more.
/// </summary>
internal sealed class ManagedAllocator : MemoryAllocator
{
    public static ManagedAllocator Instance { get; } = new();

    protected override IMemoryOwner<byte> AllocateInternal(int length, out int bytesAllocated)
    {
        bytesAllocated = length;
        return new Owner(GC.AllocateUninitializedArray<byte>(length));
    }

    private sealed class Owner(byte[] bytes) : IMemoryOwner<byte>
    {
        public Memory<byte> Memory => bytes;

        public void Dispose()
        {
            // The garbage collector frees it.
        }
    }
}
