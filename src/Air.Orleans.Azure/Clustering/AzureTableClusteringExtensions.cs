using Air.Orleans.Azure.Clustering;
using Microsoft.Extensions.Options;
using Orleans.Clustering.AzureStorage;
using Orleans.Messaging;

namespace Orleans.Hosting;

/// <summary>Switches clustering by an Azure table on.</summary>
public static class AzureTableClusteringExtensions
{
    /// <summary>Has the silo keep the membership in an Azure table.</summary>
    public static ISiloBuilder UseAzureStorageClustering(
        this ISiloBuilder builder,
        Action<AzureStorageClusteringOptions> configureOptions
    ) => builder.UseAzureStorageClustering(options => options.Configure(configureOptions));

    /// <inheritdoc cref="UseAzureStorageClustering(ISiloBuilder, Action{AzureStorageClusteringOptions})"/>
    public static ISiloBuilder UseAzureStorageClustering(
        this ISiloBuilder builder,
        Action<OptionsBuilder<AzureStorageClusteringOptions>> configureOptions
    )
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(configureOptions);
        configureOptions(Validated(builder.Services.AddOptions<AzureStorageClusteringOptions>()));
        builder.Services.AddSingleton<IMembershipTable, AzureMembershipTable>();
        return builder;
    }

    /// <summary>Has the client find its gateways in an Azure table.</summary>
    public static IClientBuilder UseAzureStorageClustering(
        this IClientBuilder builder,
        Action<AzureStorageGatewayOptions> configureOptions
    ) => builder.UseAzureStorageClustering(options => options.Configure(configureOptions));

    /// <inheritdoc cref="UseAzureStorageClustering(IClientBuilder, Action{AzureStorageGatewayOptions})"/>
    public static IClientBuilder UseAzureStorageClustering(
        this IClientBuilder builder,
        Action<OptionsBuilder<AzureStorageGatewayOptions>> configureOptions
    )
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(configureOptions);
        configureOptions(Validated(builder.Services.AddOptions<AzureStorageGatewayOptions>()));
        builder.Services.AddSingleton<IGatewayListProvider, AzureGatewayList>();
        return builder;
    }

    private static OptionsBuilder<TOptions> Validated<TOptions>(OptionsBuilder<TOptions> options)
        where TOptions : AzureStorageOperationOptions =>
        options.Validate(
            static options => options.TableServiceClient is not null && options.TableName is { Length: > 0 },
            $"{typeof(TOptions).Name} needs a {nameof(AzureStorageOperationOptions.TableServiceClient)} and a table's name."
        );
}
