using System.Reflection;
using Orleans.Serialization;

namespace Air.Orleans.Hosting;

/// <summary>
/// Tells Orleans where the grains and codecs of Air.Orleans are, so that they are found whatever program hosts them. A client has fewer of the
/// libraries than a silo.
/// </summary>
internal static class AirAssemblies
{
    private static readonly string[] OfTheClient = ["Air.Orleans.Core", "Air.Orleans.Data", "Air.Orleans.Serve"];
    private static readonly string[] Others = ["Air.Orleans.Train", "Air.Orleans.Tune"];

    private static readonly Assembly[] All =
    [
        .. OfTheClient.Select(static name => Assembly.Load(name)),
        .. Others.Select(Find).OfType<Assembly>(),
    ];

    public static void Register(IServiceCollection services) =>
        services.AddSerializer(static serializer =>
        {
            foreach (var assembly in All)
            {
                serializer.AddAssembly(assembly);
            }
        });

    private static Assembly? Find(string name)
    {
        try
        {
            return Assembly.Load(name);
        }
        catch (FileNotFoundException)
        {
            // The program has no use for it.
            return null;
        }
    }
}
