using Air.Orleans.Core.Shipping;

namespace Air.Orleans.Core.Tests.Shipping;

/// <summary>Packs and unpacks, as between two processes.</summary>
internal static class Shipments
{
    public static Serializer Serializer { get; } =
        new ServiceCollection()
            .AddSerializer(static builder => builder.AddAssembly(typeof(AirOptions).Assembly))
            .BuildServiceProvider()
            .GetRequiredService<Serializer>();

    public static T Sent<T>(T value)
        where T : class
    {
        var shipper = new ObjectShipper(Serializer);
        return shipper.Unpack<T>(shipper.Pack(value, "The parcel"));
    }
}
