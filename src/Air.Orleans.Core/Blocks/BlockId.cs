using System.IO.Hashing;
using System.Runtime.InteropServices;

namespace Air.Orleans.Core.Blocks;

/// <summary>The ids of blocks: new ones, and those of blocks that have a name.</summary>
internal static class BlockId
{
    /// <summary>The id of the block of that name, the same everywhere.</summary>
    public static Guid Of(string name)
    {
        Span<byte> hash = stackalloc byte[16];
        XxHash128.Hash(MemoryMarshal.AsBytes(name.AsSpan()), hash);
        return new Guid(hash);
    }
}
