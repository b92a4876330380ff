using Microsoft.Win32.SafeHandles;

namespace Air.Orleans.Kernels.Csv;

/// <summary>Gives a piece of a CSV file that holds whole records, and where in the file it stands.</summary>
/// <param name="Offset">The piece's first byte, counted from the start of the file.</param>
/// <param name="Length">The piece's length in bytes.</param>
/// <param name="FirstLineNumber">The 1-based physical line on which the piece begins.</param>
/// <param name="Rows">How many records the piece holds; empty lines are not counted.</param>
public readonly record struct CsvRange(long Offset, int Length, long FirstLineNumber, long Rows)
{
    /// <summary>Reads the piece's bytes. Safe to call from several threads on one handle.</summary>
    /// <param name="handle">The file, open for reading.</param>
    /// <param name="destination">Where the bytes go; as long as <see cref="Length"/>.</param>
    /// <param name="file">The file's name, for errors.</param>
    /// <exception cref="ArgumentException"><paramref name="destination"/> has another length than the piece.</exception>
    /// <exception cref="CsvException">The file ends before the piece does: it was cut after it was scanned.</exception>
    public void Read(SafeFileHandle handle, Span<byte> destination, string file)
    {
        ArgumentNullException.ThrowIfNull(handle);
        if (destination.Length != Length)
        {
            throw new ArgumentException(
                $"The destination has {destination.Length} bytes, the range has {Length}: they must be equal.",
                nameof(destination)
            );
        }

        var filled = 0;
        while (filled < destination.Length)
        {
            var read = RandomAccess.Read(handle, destination[filled..], Offset + filled);
            if (read == 0)
            {
                throw CsvErrors.Changed(file, FirstLineNumber, $"{Length} bytes at {Offset}", $"{filled}");
            }

            filled += read;
        }
    }
}
