using System.Buffers.Binary;
using Air.Orleans.Core.Blocks.Arena;
using Apache.Arrow.Ipc;

namespace Air.Orleans.Core.Blocks;

/// <summary>
/// The content of a block: one Arrow stream of a schema, the dictionaries it needs, and one record batch. Each buffer begins at a multiple of
/// 64 from the first; the pad before the stream makes that a multiple of 64 in memory.
/// </summary>
internal static class BlockStream
{
    /// <summary>How many bytes the batch takes as a stream, and the pad that goes before it. Copies nothing.</summary>
    /// <exception cref="AirException">It is too large for one block.</exception>
    public static (int Length, int Pad) Measure(RecordBatch batch)
    {
        using var measure = new Measuring();
        Write(batch, measure);
        if (measure.Length > int.MaxValue - SegmentHeader.Bytes)
        {
            throw new AirException(
                $"A batch of {batch.Length} rows takes {measure.Length >> 20} MB; a block holds less than 2048 MB. Cut it into several: batch.Slice, or fewer rows a block."
            );
        }

        return ((int)measure.Length, (int)(-measure.FirstBuffer & 63));
    }

    /// <summary>Writes the batch where <see cref="Measure"/> said how much room it takes.</summary>
    public static unsafe void Write(RecordBatch batch, byte* start, int length)
    {
        using var stream = new UnmanagedMemoryStream(start, length, length, FileAccess.Write);
        Write(batch, stream);
        if (stream.Position != length)
        {
            throw new InvalidOperationException(
                $"The batch took {stream.Position} bytes and was measured as {length}: it was changed while it was put."
            );
        }
    }

    /// <summary>Reads the batch without a copy: its columns are views of <paramref name="content"/>.</summary>
    /// <exception cref="AirException">The content is no such stream.</exception>
    public static RecordBatch Read(ReadOnlyMemory<byte> content)
    {
        using var reader = new ArrowStreamReader(content);
        return reader.ReadNextRecordBatch()
            ?? throw new AirException("A block's content holds no record batch; it was not written by Air.Orleans.");
    }

    private static void Write(RecordBatch batch, Stream stream)
    {
        using var writer = new ArrowStreamWriter(stream, batch.Schema, leaveOpen: true);
        writer.WriteRecordBatch(batch);
        writer.WriteEnd();
        GC.KeepAlive(batch);
    }

    /// <summary>Counts what is written, and notes where the buffers of the latest message begin.</summary>
    private sealed class Measuring : Stream
    {
        private const int PrefixBytes = 8;

        private long _length;
        private long _messageEnd;

        public long FirstBuffer { get; private set; }

        public override bool CanRead => false;
        public override bool CanSeek => false;
        public override bool CanWrite => true;
        public override long Length => _length;

        public override long Position
        {
            get => _length;
            set => throw new NotSupportedException();
        }

        public override void Flush()
        {
            // Nothing is kept.
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            // A message begins with a mark and the length of what comes before its buffers; the stream ends with the length 0.
            if (
                buffer.Length == PrefixBytes
                && _length >= _messageEnd
                && BinaryPrimitives.ReadUInt32LittleEndian(buffer) == uint.MaxValue
                && BinaryPrimitives.ReadInt32LittleEndian(buffer[4..]) is > 0 and var metadata
            )
            {
                FirstBuffer = _length + PrefixBytes + metadata;
                _messageEnd = FirstBuffer;
            }

            _length += buffer.Length;
        }
    }
}
