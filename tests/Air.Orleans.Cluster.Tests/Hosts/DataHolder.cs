using System.Globalization;
using System.Net;
using Air.Orleans.Core.DataPlane;
using Air.Orleans.Core.Tests.DataPlane;

namespace Air.Orleans.Cluster.Tests.Hosts;

/// <summary>A process with the data plane of a silo and one content, "test:a", until it is killed.</summary>
internal static class DataHolder
{
    public const string Verb = "hold-data";

    public static async Task HoldAsync(string address, string megabytes)
    {
        var source = new HeldBytes();
        source.Hold("a", HeldBytes.Noise(int.Parse(megabytes, CultureInfo.InvariantCulture) << 20));
        await using var host = await DataPlaneHost.StartAsync(
            source,
            new DataLimits(),
            address: IPAddress.Parse(address)
        );
        await Console.Out.WriteLineAsync($"{host.Endpoint.Host} {host.Endpoint.Port} {host.Endpoint.Secret}");
        await Console.In.ReadLineAsync();
    }
}
