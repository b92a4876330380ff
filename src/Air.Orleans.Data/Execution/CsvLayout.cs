using Air.Orleans.Data.Plans;
using Air.Orleans.Kernels.Csv;
using Microsoft.Win32.SafeHandles;

namespace Air.Orleans.Data.Execution;

/// <summary>Cuts a CSV file into blocks and finds its columns, without making rows.</summary>
internal static class CsvLayout
{
    private const int SampleBytes = 4 << 20;

    /// <exception cref="DatasetException">The file is missing or empty, its header is faulty, or a quote is never closed.</exception>
    public static (CsvBlockSource[] Blocks, Schema Schema) Of(CsvNode node)
    {
        var path = node.FilePath;
        var info = new FileInfo(path);
        if (!info.Exists)
        {
            throw new DatasetException(
                $"ReadCsv: there is no file '{path}' on this silo (machine '{Environment.MachineName}'). "
                    + "Silos read files themselves: check the path, and that it is the same on every silo."
            );
        }

        try
        {
            var format = node.Settings.Format;
            using var file = File.OpenHandle(path, options: FileOptions.SequentialScan);
            var header = CsvHeader.Read(file, format, path);
            var ranges = CsvScanner.Scan(file, header, format, path, node.Settings.BlockSizeBytes).ToList();
            if (ranges.Count == 0)
            {
                ranges.Add(new CsvRange(header.DataOffset, 0, header.DataLineNumber, 0));
            }

            var sample = ReadSample(file, ranges, path);
            var columns = CsvInference.Infer(sample, header, format, path, node.Settings.ColumnTypes);
            var names = columns.Select(static column => column.Name).ToArray();
            var types = columns.Select(static column => (int)column.Type).ToArray();
            CsvBlockSource[] blocks =
            [
                .. ranges.Select(range => new CsvBlockSource(
                    path,
                    info.Length,
                    info.LastWriteTimeUtc,
                    range.Offset,
                    range.Length,
                    range.FirstLineNumber,
                    range.Rows,
                    names,
                    types,
                    node.Settings
                )),
            ];
            return (
                blocks,
                new Schema(
                    columns.Select(static column => new Field(
                        column.Name,
                        CsvParser.TypeOf(column.Type),
                        nullable: true
                    )),
                    null
                )
            );
        }
        catch (ArgumentException error)
        {
            throw new DatasetException($"ReadCsv: {error.Message}", error);
        }
        catch (CsvException error)
        {
            throw new DatasetException($"ReadCsv: {error.Message}", error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new DatasetException($"ReadCsv: '{path}' cannot be read: {error.Message}", error);
        }
    }

    /// <summary>The first ranges, as many as fit into the sample, or the first alone.</summary>
    private static byte[] ReadSample(SafeFileHandle file, List<CsvRange> ranges, string path)
    {
        var length = ranges[0].Length;
        foreach (
            var range in ranges
                .Skip(1)
                .TakeWhile(range => range.Offset + range.Length - ranges[0].Offset <= SampleBytes)
        )
        {
            length = (int)(range.Offset + range.Length - ranges[0].Offset);
        }

        var sample = new byte[length];
        new CsvRange(ranges[0].Offset, length, ranges[0].FirstLineNumber, 0).Read(file, sample, path);
        return sample;
    }
}
