namespace Air.Orleans.Core.Shipping;

/// <summary>
/// Packs objects and delegates of the user and unpacks them in another process that has loaded the same build. Values are
/// copied at the moment of packing: what the far side changes is not seen here. Of a lambda's closure only those
/// variables travel that its code touches. Thread-safe.
/// </summary>
internal sealed class ObjectShipper(Serializer serializer)
{
    /// <summary>Packs <paramref name="value"/>; <paramref name="description"/> names it in errors.</summary>
    /// <exception cref="ShippingException">A field cannot travel; the message names it.</exception>
    public ShippedObject Pack(object value, string description)
    {
        ArgumentNullException.ThrowIfNull(value);
        var image = new ImageWriter(serializer, description).WriteWhole(value);
        return new ShippedObject(description, serializer.SerializeToArray(image));
    }

    /// <summary>Rebuilds the object; every call gives a new one.</summary>
    /// <exception cref="ShippingException">This process lacks the code or has another build of it.</exception>
    public T Unpack<T>(ShippedObject shipped)
    {
        var image = serializer.Deserialize<ObjectImage>(shipped.Payload)!;
        var value = new ImageReader(serializer, shipped.Description).Read(image);
        return value is T typed
            ? typed
            : throw new ShippingException(
                $"{shipped.Description} arrived as {value?.GetType().FullName ?? "null"}, which is no {typeof(T).Name}."
            );
    }
}
