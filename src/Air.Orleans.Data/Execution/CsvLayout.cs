using Air.Orleans.Data.Plans;
using Air.Orleans.Kernels.Csv;

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
            var scan = CsvScanner.Scan(file, path, format, node.Settings.BlockSizeBytes);
            var columns = CsvInference.Infer(file, path, scan, format, SampleBytes, node.Settings.ColumnTypes);
            var names = columns.Select(static column => column.Name).ToArray();
            var types = columns.Select(static column => (int)column.Type).ToArray();
            CsvBlockSource[] blocks =
            [
                .. scan.Ranges.Select(range => new CsvBlockSource(
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
            return (blocks, CsvParser.SchemaOf(columns));
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
}
