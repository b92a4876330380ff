using Microsoft.Win32.SafeHandles;

namespace Air.Orleans.Kernels.Csv;

/// <summary>
/// Cuts a CSV file into ranges of whole records that can be parsed apart from each other. One sequential pass, at the speed
/// of memory; only a pass from the start can tell a line end inside quotes from one that ends a record.
/// </summary>
public static class CsvScanner
{
    /// <summary>The range size that was fastest to parse: 4 MB.</summary>
    public const int DefaultRangeBytes = 4 * 1024 * 1024;

    private const int MaxRangeBytes = 1 << 30;
    private const int BufferBytes = 1 << 20;

    /// <summary>Cuts a file. Nothing is read before the sequence is, and no further than it is.</summary>
    /// <param name="handle">The file, open for reading, and open until the sequence ends.</param>
    /// <param name="header">The file's header: the scan begins behind it.</param>
    /// <param name="format">How the file is written.</param>
    /// <param name="file">The file's name, for errors.</param>
    /// <param name="targetRangeBytes">
    /// About how long a range is: it ends with the first record at or past this length. From 1 byte to 1 GiB.
    /// </param>
    /// <returns>
    /// The ranges in the file's order, each with at least one record; together they hold every record once. No range for a
    /// file without records.
    /// </returns>
    /// <exception cref="CsvException">
    /// A quoted cell is not closed before the file ends, or a record is too long for a range (2 GiB). Thrown while the
    /// sequence is read.
    /// </exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="targetRangeBytes"/> is not from 1 to 1 GiB.</exception>
    public static IEnumerable<CsvRange> Scan(
        SafeFileHandle handle,
        CsvHeader header,
        CsvFormat format,
        string file,
        int targetRangeBytes = DefaultRangeBytes
    )
    {
        ArgumentNullException.ThrowIfNull(handle);
        Check(header, format, file, targetRangeBytes);
        return Cut(new HandleSource(handle, header.DataOffset), header, format, file, targetRangeBytes);
    }

    /// <summary>Cuts what a stream still holds. Nothing is read before the sequence is, and no further than it is.</summary>
    /// <param name="stream">The bytes, positioned at <see cref="CsvHeader.DataOffset"/>; it is not closed.</param>
    /// <param name="header">The file's header.</param>
    /// <param name="format">How the file is written.</param>
    /// <param name="file">The file's name, for errors.</param>
    /// <param name="targetRangeBytes">
    /// About how long a range is: it ends with the first record at or past this length. From 1 byte to 1 GiB.
    /// </param>
    /// <returns>The ranges in the stream's order; offsets count from the start of the file.</returns>
    /// <exception cref="CsvException">
    /// A quoted cell is not closed before the stream ends, or a record is too long for a range (2 GiB). Thrown while the
    /// sequence is read. As a stream cannot be read again, the line is that of the last quote that opens, by parity.
    /// </exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="targetRangeBytes"/> is not from 1 to 1 GiB.</exception>
    public static IEnumerable<CsvRange> Scan(
        Stream stream,
        CsvHeader header,
        CsvFormat format,
        string file,
        int targetRangeBytes = DefaultRangeBytes
    )
    {
        ArgumentNullException.ThrowIfNull(stream);
        Check(header, format, file, targetRangeBytes);
        return Cut(new StreamSource(stream), header, format, file, targetRangeBytes);
    }

    private static void Check(CsvHeader header, CsvFormat format, string file, int targetRangeBytes)
    {
        ArgumentNullException.ThrowIfNull(header);
        ArgumentNullException.ThrowIfNull(format);
        ArgumentNullException.ThrowIfNull(file);
        ArgumentOutOfRangeException.ThrowIfLessThan(targetRangeBytes, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(targetRangeBytes, MaxRangeBytes);
        format.Validate();
    }

    private static IEnumerable<CsvRange> Cut(
        IByteSource source,
        CsvHeader header,
        CsvFormat format,
        string file,
        int targetRangeBytes
    )
    {
        var cutter = new RangeCutter(header, format, targetRangeBytes, file);
        var buffer = GC.AllocateUninitializedArray<byte>(BufferBytes);
        CsvRange range;
        for (var atEnd = false; !atEnd; )
        {
            var filled = source.Fill(buffer);
            atEnd = filled < buffer.Length;
            cutter.Read(buffer.AsSpan(0, filled));
            while (cutter.TryTake(out range))
            {
                yield return range;
            }
        }

        if (cutter.IsOpen)
        {
            var again = source.TryReadAgain(cutter.RecordStart, buffer);
            var line = OpenQuote.Find(buffer.AsSpan(0, again), 0, cutter.RecordLine, format) ?? cutter.OpenLine;
            throw CsvErrors.OpenQuote(file, line);
        }

        cutter.Complete();
        while (cutter.TryTake(out range))
        {
            yield return range;
        }
    }

    private interface IByteSource
    {
        /// <summary>Fills the whole buffer unless the bytes end before. Gives how many there were.</summary>
        int Fill(Span<byte> buffer);

        /// <summary>Reads bytes that were read before; gives 0 when that is not possible.</summary>
        int TryReadAgain(long offset, Span<byte> buffer);
    }

    private sealed class HandleSource(SafeFileHandle handle, long start) : IByteSource
    {
        private long offset = start;

        public int Fill(Span<byte> buffer)
        {
            var filled = TryReadAgain(offset, buffer);
            offset += filled;
            return filled;
        }

        public int TryReadAgain(long offset, Span<byte> buffer)
        {
            var filled = 0;
            int read;
            while (filled < buffer.Length && (read = RandomAccess.Read(handle, buffer[filled..], offset + filled)) > 0)
            {
                filled += read;
            }

            return filled;
        }
    }

    private sealed class StreamSource(Stream stream) : IByteSource
    {
        public int Fill(Span<byte> buffer) => stream.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);

        public int TryReadAgain(long offset, Span<byte> buffer) => 0;
    }
}
