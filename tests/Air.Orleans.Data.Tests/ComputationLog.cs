using Apache.Arrow;

namespace Air.Orleans.Data.Tests;

/// <summary>
/// Counts how often blocks are computed, whichever process does it: each computation leaves a file in a folder, named by the step and the
/// block's first id.
/// </summary>
public sealed class ComputationLog(string folder)
{
    public string Folder => folder;

    /// <summary>For functions of datasets, which run on silos.</summary>
    public static void Note(string folder, string step, RecordBatch batch) =>
        File.WriteAllText(Path.Combine(folder, $"{step}@{FirstId(batch)}@{Guid.NewGuid():N}"), "");

    public static long FirstId(RecordBatch batch) => ((Int64Array)batch.Column("id")).GetValue(0)!.Value;

    /// <summary>How often the block of a step was computed.</summary>
    public int Of(string step, long firstId) => Directory.GetFiles(folder, $"{step}@{firstId}@*").Length;

    /// <summary>How often each block of a step was computed, by its first id.</summary>
    public SortedDictionary<long, int> Of(string step) =>
        new(
            Directory
                .GetFiles(folder, $"{step}@*")
                .GroupBy(static file =>
                    long.Parse(Path.GetFileName(file).Split('@')[1], System.Globalization.CultureInfo.InvariantCulture)
                )
                .ToDictionary(static block => block.Key, static block => block.Count())
        );
}
