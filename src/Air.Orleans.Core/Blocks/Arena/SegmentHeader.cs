using System.Runtime.InteropServices;

namespace Air.Orleans.Core.Blocks.Arena;

/// <summary>What a block's header says of it.</summary>
internal enum BlockState
{
    /// <summary>Its space belongs to nobody, or to another.</summary>
    Free = 0,

    /// <summary>It is being written.</summary>
    Writing = 1,

    /// <summary>It is whole, and never changes.</summary>
    Ready = 2,

    /// <summary>Its owner wants the space back, as soon as no reader is left.</summary>
    Freeing = 3,
}

/// <summary>The headers in a segment, which tell a process that maps it what it sees: one of the segment, and one before each block.</summary>
internal static unsafe class SegmentHeader
{
    /// <summary>How many bytes the segment's header takes.</summary>
    public const int Bytes = 4096;

    /// <summary>How many bytes a block's header takes.</summary>
    public const int BlockBytes = 64;

    private const long Magic = 0x474553_5249_41L; // "AIRSEG"
    private const int Version = 1;

    public static void Write(byte* start, long segment, long capacity)
    {
        var head = (Segment*)start;
        head->Version = Version;
        head->Number = segment;
        head->Capacity = capacity;
        head->ProcessId = Environment.ProcessId;
        Volatile.Write(ref head->Magic, Magic);
    }

    /// <summary>Whether this is that segment, as this version writes it.</summary>
    public static bool IsOf(SharedMapping mapping, long segment)
    {
        var head = (Segment*)mapping.Start;
        return mapping.Length >= Bytes
            && Volatile.Read(ref head->Magic) == Magic
            && head->Version == Version
            && head->Number == segment;
    }

    /// <summary>Writes the header of a block that begins to be written.</summary>
    public static void Begin(byte* start, BlockPlace place, Guid id)
    {
        var block = (Block*)(start + place.Offset);
        block->Generation = place.Generation;
        block->Segment = place.Segment;
        block->Length = place.Length;
        block->Pad = place.Pad;
        block->Id = id;
        Volatile.Write(ref block->State, (int)BlockState.Writing);
    }

    /// <summary>Says that the block is whole.</summary>
    public static void Finish(byte* start, BlockPlace place, UInt128 hash)
    {
        var block = (Block*)(start + place.Offset);
        block->HashLow = (ulong)hash;
        block->HashHigh = (ulong)(hash >> 64);
        Volatile.Write(ref block->State, (int)BlockState.Ready);
    }

    public static void Mark(byte* start, BlockPlace place, BlockState state) =>
        Volatile.Write(ref ((Block*)(start + place.Offset))->State, (int)state);

    /// <summary>Whether the block lies at its place in that state. Whoever is no owner has announced its look before.</summary>
    public static bool Is(SharedMapping mapping, BlockPlace place, BlockState state)
    {
        if (place.Offset < Bytes || place.Length < 0 || place.Content > mapping.Length - place.Length)
        {
            return false;
        }

        var block = (Block*)(mapping.Start + place.Offset);
        return Volatile.Read(ref block->State) == (int)state
            && block->Generation == place.Generation
            && block->Segment == place.Segment
            && block->Length == place.Length
            && block->Pad == place.Pad;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct Segment
    {
        public long Magic;
        public long Version;
        public long Number;
        public long Capacity;
        public long ProcessId;
    }

    [StructLayout(LayoutKind.Explicit, Size = BlockBytes)]
    private struct Block
    {
        [FieldOffset(0)]
        public int State;

        [FieldOffset(4)]
        public int Pad;

        [FieldOffset(8)]
        public long Generation;

        [FieldOffset(16)]
        public long Segment;

        [FieldOffset(24)]
        public long Length;

        [FieldOffset(32)]
        public Guid Id;

        [FieldOffset(48)]
        public ulong HashLow;

        [FieldOffset(56)]
        public ulong HashHigh;
    }
}
