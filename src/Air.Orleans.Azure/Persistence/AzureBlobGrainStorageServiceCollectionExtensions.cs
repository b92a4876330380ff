using Air.Orleans.Azure.Persistence;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Providers;
using Orleans.Runtime.Hosting;
using Orleans.Storage;

namespace Orleans.Hosting;

/// <summary>Registers grain storage in Azure blobs.</summary>
public static class AzureBlobGrainStorageServiceCollectionExtensions
{
    /// <summary>Registers it for grains that name no other storage.</summary>
    public static IServiceCollection AddAzureBlobGrainStorageAsDefault(
        this IServiceCollection services,
        Action<AzureBlobStorageOptions> configureOptions
    ) => services.AddAzureBlobGrainStorage(ProviderConstants.DEFAULT_STORAGE_PROVIDER_NAME, configureOptions);

    /// <inheritdoc cref="AddAzureBlobGrainStorageAsDefault(IServiceCollection, Action{AzureBlobStorageOptions})"/>
    public static IServiceCollection AddAzureBlobGrainStorageAsDefault(
        this IServiceCollection services,
        Action<OptionsBuilder<AzureBlobStorageOptions>>? configureOptions = null
    ) => services.AddAzureBlobGrainStorage(ProviderConstants.DEFAULT_STORAGE_PROVIDER_NAME, configureOptions);

    /// <summary>Registers it under the name <paramref name="name"/>.</summary>
    public static IServiceCollection AddAzureBlobGrainStorage(
        this IServiceCollection services,
        string name,
        Action<AzureBlobStorageOptions> configureOptions
    ) => services.AddAzureBlobGrainStorage(name, options => options.Configure(configureOptions));

    /// <inheritdoc cref="AddAzureBlobGrainStorage(IServiceCollection, string, Action{AzureBlobStorageOptions})"/>
    public static IServiceCollection AddAzureBlobGrainStorage(
        this IServiceCollection services,
        string name,
        Action<OptionsBuilder<AzureBlobStorageOptions>>? configureOptions = null
    )
    {
        var options = services
            .AddOptions<AzureBlobStorageOptions>(name)
            .Validate(
                static options => options.BlobServiceClient is not null && options.ContainerName is { Length: > 0 },
                $"{nameof(AzureBlobStorageOptions)} '{name}' needs a {nameof(AzureBlobStorageOptions.BlobServiceClient)} and a container's name."
            );
        configureOptions?.Invoke(options);
        services.AddTransient<
            IPostConfigureOptions<AzureBlobStorageOptions>,
            DefaultStorageProviderSerializerOptionsConfigurator<AzureBlobStorageOptions>
        >();
        // The factory's type must be the storage's own: by IGrainStorage it would never be told of the silo's start.
        return services.AddGrainStorage(
            name,
            static (provider, name) =>
                ActivatorUtilities.CreateInstance<AzureBlobGrainStorage>(
                    provider,
                    name,
                    provider.GetRequiredService<IOptionsMonitor<AzureBlobStorageOptions>>().Get(name)
                )
        );
    }
}
