using System.Reflection;
using Orleans.Serialization;

namespace Air.Orleans.Hosting;

/// <summary>
/// Tells Orleans where the grains and codecs of Air.Orleans are, so that they are found whatever program hosts them.
/// </summary>
internal static class AirAssemblies
{
    private static readonly Assembly[] All =
    [
        typeof(Core.AirOptions).Assembly,
        typeof(Data.Dataset).Assembly,
        typeof(Train.Result).Assembly,
        typeof(Tune.TuneConfig).Assembly,
        typeof(Serve.Hosting.ServeServices).Assembly,
    ];

    public static void Register(IServiceCollection services) =>
        services.AddSerializer(static serializer =>
        {
            foreach (var assembly in All)
            {
                serializer.AddAssembly(assembly);
            }
        });
}
