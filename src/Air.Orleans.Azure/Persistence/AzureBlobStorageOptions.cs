using System.Diagnostics.CodeAnalysis;
using Azure.Storage.Blobs;
using Orleans.Storage;

namespace Orleans.Configuration;

/// <summary>Where and how states are kept in Azure blobs.</summary>
public class AzureBlobStorageOptions : IStorageProviderSerializerOptions
{
    /// <summary>The container's name where none is given.</summary>
    [SuppressMessage("Naming", "CA1707", Justification = "The name that Orleans' own package has.")]
    public const string DEFAULT_CONTAINER_NAME = "grainstate";

    /// <summary>The stage in which the storage is opened where none is given.</summary>
    [SuppressMessage("Naming", "CA1707", Justification = "The name that Orleans' own package has.")]
    public const int DEFAULT_INIT_STAGE = ServiceLifecycleStage.ApplicationServices;

    /// <summary>Speaks to the account that has the container; must be set.</summary>
    public BlobServiceClient? BlobServiceClient { get; set; }

    /// <summary>The container of the blobs, which is created when it is not there.</summary>
    /// <value>"grainstate".</value>
    public string ContainerName { get; set; } = DEFAULT_CONTAINER_NAME;

    /// <summary>Makes bytes of states. It is part of what is stored: another one cannot read them.</summary>
    /// <value>The silo's.</value>
    public IGrainStorageSerializer GrainStorageSerializer { get; set; } = null!;

    /// <summary>Whether clearing a state deletes its blob; otherwise it is emptied.</summary>
    /// <value>True.</value>
    public bool DeleteStateOnClear { get; set; } = true;

    /// <summary>The stage of the silo's start in which the storage is opened.</summary>
    /// <value>That of application services.</value>
    public int InitStage { get; set; } = DEFAULT_INIT_STAGE;
}
