using Air.Orleans.Data.Plans;

namespace Air.Orleans.Data;

/// <summary>Where datasets begin: <c>air.Data</c>. Nothing here touches a file or a silo; reading begins when rows are asked for.</summary>
public sealed class DataDoor
{
    private readonly IAirCluster _cluster;

    internal DataDoor(IAirCluster cluster) => _cluster = cluster;

    /// <summary>A dataset of the rows of a CSV file, in the file's order.</summary>
    /// <param name="path">
    /// The file, relative to the current folder of this process. Silos read it themselves, so it must be there under the same path.
    /// </param>
    /// <param name="options">How to read it; by default with a header, commas, and types inferred.</param>
    /// <exception cref="ArgumentException">The path is empty, or an option is out of range.</exception>
    /// <remarks>
    /// A missing or empty file, a ragged row or a cell of another type raises a <see cref="DatasetException"/> with file,
    /// line and column when rows are asked for.
    /// </remarks>
    public Dataset ReadCsv(string path, CsvOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        options ??= new CsvOptions();
        if (!char.IsAscii(options.Delimiter) || options.Delimiter is '"' or '\n' or '\r')
        {
            throw new ArgumentException(
                $"CsvOptions.Delimiter is '{options.Delimiter}'; it must be one ASCII character, and no quote or line break.",
                nameof(options)
            );
        }

        ArgumentOutOfRangeException.ThrowIfLessThan(options.BlockSizeBytes, 1);
        return new Dataset(_cluster, new CsvNode(PlanNode.NewId(), Path.GetFullPath(path), CsvSettings.From(options)));
    }

    /// <summary>A dataset with one column "id" that counts from 0 to <paramref name="rows"/> − 1.</summary>
    /// <param name="rows">How many rows.</param>
    /// <param name="blocks">Over how many blocks they are spread, evenly and in order.</param>
    /// <exception cref="ArgumentOutOfRangeException">Rows are negative, or blocks less than 1.</exception>
    public Dataset Range(long rows, int blocks = 1)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rows);
        ArgumentOutOfRangeException.ThrowIfLessThan(blocks, 1);
        return new Dataset(_cluster, new RangeNode(PlanNode.NewId(), rows, blocks));
    }
}

/// <summary>Adds <c>air.Data</c>.</summary>
public static class DataExtensions
{
    extension(IAirCluster air)
    {
        /// <summary>Where datasets begin.</summary>
        public DataDoor Data => new(air);
    }
}
