using System.Diagnostics.CodeAnalysis;

namespace Orleans.Clustering.AzureStorage;

/// <summary>Where silos keep the membership.</summary>
public class AzureStorageClusteringOptions : AzureStorageOperationOptions
{
    /// <summary>The table's name where none is given.</summary>
    [SuppressMessage("Naming", "CA1707", Justification = "The name that Orleans' own package has.")]
    public const string DEFAULT_TABLE_NAME = "OrleansSiloInstances";
}
