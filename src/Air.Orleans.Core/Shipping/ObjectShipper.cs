using Air.Orleans.Core.Security;
using Air.Orleans.Core.Shipping.Code;

namespace Air.Orleans.Core.Shipping;

/// <summary>
/// Packs objects and delegates of the user and unpacks them in another process: with the code that this has loaded of the same build, else
/// with the bundle that the packing one has sent. Values are copied at the moment of packing: what the far side changes is not seen here. Of
/// a lambda's closure only those variables travel that its code touches. Thread-safe.
/// </summary>
/// <param name="serializer">Carries values that are not the user's own.</param>
/// <param name="sender">Sends code that silos lack; null sends none.</param>
/// <param name="cache">The code that this silo was sent; null in a client.</param>
/// <param name="gate">Says what this silo takes; null in a client.</param>
/// <param name="known">The code that this process has; null is all of its program.</param>
internal sealed class ObjectShipper(
    Serializer serializer,
    CodeSender? sender = null,
    CodeCache? cache = null,
    SecurityGate? gate = null,
    KnownCode? known = null
)
{
    /// <summary>
    /// Packs <paramref name="value"/>; <paramref name="description"/> names it in errors. Where silos lack its code this sends it and waits,
    /// once for each build.
    /// </summary>
    /// <exception cref="ShippingException">A field cannot travel; the message names it.</exception>
    public ShippedObject Pack(object value, string description)
    {
        ArgumentNullException.ThrowIfNull(value);
        var writer = new ImageWriter(serializer, description);
        var image = writer.WriteWhole(value);
        var bundle = sender?.BundleOf(writer.Assemblies, description);
        return new ShippedObject(description, serializer.SerializeToArray(image), bundle);
    }

    /// <summary>Rebuilds the object, whose code stays loaded until it is disposed; every call gives a new one.</summary>
    /// <exception cref="AirException">This process lacks the code, has another build of it, or refuses it.</exception>
    public Unpacked<T> Open<T>(ShippedObject shipped)
        where T : class
    {
        CodeLease? code = null;
        try
        {
            var image = serializer.Deserialize<ObjectImage>(shipped.Payload)!;
            var types = new TypeFinder(
                shipped.Description,
                shipped.Bundle is { } hash && cache is not null
                    ? () => (code ??= cache.Rent(hash, shipped.Description)).Context
                    : null,
                gate,
                known
            );
            var value = new ImageReader(serializer, types, shipped.Description).Read(image);
            return value is T typed
                ? new Unpacked<T>(typed, code)
                : throw new ShippingException(
                    $"{shipped.Description} arrived as {value?.GetType().FullName ?? "null"}, which is no {typeof(T).Name}."
                );
        }
        catch
        {
            code?.Dispose();
            throw;
        }
    }

    /// <summary>Rebuilds the object; its code stays loaded for as long as the object lives.</summary>
    /// <exception cref="AirException">This process lacks the code, has another build of it, or refuses it.</exception>
    public T Unpack<T>(ShippedObject shipped)
        where T : class
    {
        var unpacked = Open<T>(shipped);
        unpacked.HeldBy(unpacked.Value);
        return unpacked.Value;
    }
}
