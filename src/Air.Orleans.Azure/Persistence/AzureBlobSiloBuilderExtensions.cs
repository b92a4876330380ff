using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Providers;

namespace Orleans.Hosting;

/// <summary>Switches grain storage in Azure blobs on.</summary>
public static class AzureBlobSiloBuilderExtensions
{
    /// <summary>Has grains kept in Azure blobs that name no other storage.</summary>
    public static ISiloBuilder AddAzureBlobGrainStorageAsDefault(
        this ISiloBuilder builder,
        Action<AzureBlobStorageOptions> configureOptions
    ) => builder.AddAzureBlobGrainStorage(ProviderConstants.DEFAULT_STORAGE_PROVIDER_NAME, configureOptions);

    /// <inheritdoc cref="AddAzureBlobGrainStorageAsDefault(ISiloBuilder, Action{AzureBlobStorageOptions})"/>
    public static ISiloBuilder AddAzureBlobGrainStorageAsDefault(
        this ISiloBuilder builder,
        Action<OptionsBuilder<AzureBlobStorageOptions>>? configureOptions = null
    ) => builder.AddAzureBlobGrainStorage(ProviderConstants.DEFAULT_STORAGE_PROVIDER_NAME, configureOptions);

    /// <summary>Has grains kept in Azure blobs that name the storage <paramref name="name"/>.</summary>
    public static ISiloBuilder AddAzureBlobGrainStorage(
        this ISiloBuilder builder,
        string name,
        Action<AzureBlobStorageOptions> configureOptions
    ) => builder.AddAzureBlobGrainStorage(name, options => options.Configure(configureOptions));

    /// <inheritdoc cref="AddAzureBlobGrainStorage(ISiloBuilder, string, Action{AzureBlobStorageOptions})"/>
    public static ISiloBuilder AddAzureBlobGrainStorage(
        this ISiloBuilder builder,
        string name,
        Action<OptionsBuilder<AzureBlobStorageOptions>>? configureOptions = null
    )
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddAzureBlobGrainStorage(name, configureOptions);
        return builder;
    }
}
