using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Orleans.Configuration;
using Orleans.Serialization.Serializers;
using Orleans.Storage;

namespace Air.Orleans.Azure.Persistence;

/// <summary>Keeps each state as one blob, in the layout of Orleans' own package: "{state}-{type}/{key}.json". Thread-safe.</summary>
internal sealed class AzureBlobGrainStorage(string name, AzureBlobStorageOptions options, IActivatorProvider activators)
    : IGrainStorage,
        ILifecycleParticipant<ISiloLifecycle>
{
    private readonly BlobContainerClient _container = options.BlobServiceClient!.GetBlobContainerClient(
        options.ContainerName
    );

    public static string NameOf(string stateName, GrainId grainId) => $"{stateName}-{grainId}.json";

    public void Participate(ISiloLifecycle observer) =>
        observer.Subscribe(
            $"{nameof(AzureBlobGrainStorage)}-{name}",
            options.InitStage,
            token => _container.CreateIfNotExistsAsync(cancellationToken: token)
        );

    public async Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        try
        {
            var blob = (await BlobOf(stateName, grainId).DownloadContentAsync()).Value;
            var isThere = blob.Details.ContentLength > 0;
            grainState.State = isThere ? options.GrainStorageSerializer.Deserialize<T>(blob.Content) : New<T>();
            grainState.ETag = blob.Details.ETag.ToString();
            grainState.RecordExists = isThere;
        }
        catch (RequestFailedException error) when (error.Status == 404)
        {
            Forget(grainState);
        }
    }

    public async Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        grainState.ETag = await UploadAsync(
            stateName,
            grainId,
            grainState.ETag,
            options.GrainStorageSerializer.Serialize(grainState.State)
        );
        grainState.RecordExists = true;
    }

    public async Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        string? etag = null;
        if (!options.DeleteStateOnClear)
        {
            etag = await UploadAsync(stateName, grainId, grainState.ETag, BinaryData.Empty);
        }
        else if (grainState.ETag is { Length: > 0 })
        {
            await ChangeAsync(
                stateName,
                grainId,
                grainState.ETag,
                (blob, conditions) => blob.DeleteAsync(DeleteSnapshotsOption.None, conditions)
            );
        }
        else if (await BlobOf(stateName, grainId).ExistsAsync())
        {
            throw Conflict(stateName, grainId, null);
        }

        Forget(grainState);
        grainState.ETag = etag;
    }

    private async Task<string> UploadAsync(string stateName, GrainId grainId, string? held, BinaryData content)
    {
        var info = await ChangeAsync(
            stateName,
            grainId,
            held,
            (blob, conditions) =>
                blob.UploadAsync(
                    content,
                    new BlobUploadOptions
                    {
                        Conditions = conditions,
                        HttpHeaders = new BlobHttpHeaders { ContentType = "application/octet-stream" },
                    }
                )
        );
        return info.Value.ETag.ToString();
    }

    /// <summary>Makes the change if the blob is still that of the ETag at hand; without one, if there is no blob.</summary>
    private async Task<TResult> ChangeAsync<TResult>(
        string stateName,
        GrainId grainId,
        string? held,
        Func<BlobClient, BlobRequestConditions, Task<TResult>> change
    )
    {
        var conditions = string.IsNullOrEmpty(held)
            ? new BlobRequestConditions { IfNoneMatch = ETag.All }
            : new BlobRequestConditions { IfMatch = new ETag(held) };
        var blob = BlobOf(stateName, grainId);
        try
        {
            return await change(blob, conditions);
        }
        catch (RequestFailedException error) when (error.ErrorCode == BlobErrorCode.ContainerNotFound)
        {
            await _container.CreateIfNotExistsAsync();
            return await ChangeAsync(stateName, grainId, held, change);
        }
        catch (RequestFailedException error) when (error.Status is 404 or 409 or 412)
        {
            throw Conflict(stateName, grainId, held);
        }
    }

    private static InconsistentStateException Conflict(string stateName, GrainId grainId, string? held) =>
        new($"State '{stateName}' of grain {grainId} was changed by another activation.", "another", held ?? "none");

    private void Forget<T>(IGrainState<T> grainState)
    {
        grainState.State = New<T>();
        grainState.ETag = null;
        grainState.RecordExists = false;
    }

    private BlobClient BlobOf(string stateName, GrainId grainId) =>
        _container.GetBlobClient(NameOf(stateName, grainId));

    private T New<T>() => activators.GetActivator<T>().Create();
}
