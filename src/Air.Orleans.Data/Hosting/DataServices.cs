using Air.Orleans.Data.Grains;

namespace Air.Orleans.Data.Hosting;

/// <summary>Registers what a silo needs of Data.</summary>
internal static class DataServices
{
    public static IServiceCollection AddAirDataToSilo(this IServiceCollection services) =>
        services.AddSingleton<BlockCopies>().AddGrainService<BlockCopyService>();
}
