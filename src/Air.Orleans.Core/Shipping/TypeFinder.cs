using System.Reflection;
using Air.Orleans.Core.Security;
using Air.Orleans.Core.Shipping.Code;

namespace Air.Orleans.Core.Shipping;

/// <summary>
/// Finds the types that an image names: those of the user in the code that this process has, of the same build, else in the bundle that came
/// with the image; the others in what silo and user share. Whoever asks says what for, and types that are not fit for that are refused: an
/// image comes from elsewhere and may have been made by anyone.
/// </summary>
/// <param name="description">What is read, for errors.</param>
/// <param name="bundle">Gives the bundle's code, loading it where it is not yet; null where none came.</param>
/// <param name="gate">Says what this silo takes; null in a client.</param>
/// <param name="known">The code that this process has; null is all of its program.</param>
internal sealed class TypeFinder(
    string description,
    Func<CodeContext>? bundle = null,
    SecurityGate? gate = null,
    KnownCode? known = null
)
{
    private readonly KnownCode _known = known ?? KnownCode.WholeProgram;
    private readonly HashSet<string> _admitted = [];

    /// <summary>A type whose objects are put together field by field.</summary>
    /// <exception cref="ShippingException">It is not here, or not one that carries data.</exception>
    public Type Object(TypeImage image)
    {
        var type = Find(image);
        return Shippable.IsObject(type)
            ? type
            : throw Refused(type, "its objects are no data that travel", "Capture plain values, or types of your own.");
    }

    /// <summary>A collection that is filled item by item.</summary>
    public Type Collection(TypeImage image)
    {
        var type = Find(image);
        return type.IsArray || Shippable.IsList(type) || Shippable.IsDictionary(type)
            ? type
            : throw Refused(type, "it is no collection that travels", "Use an array, List, HashSet or Dictionary.");
    }

    /// <summary>The type of a delegate.</summary>
    public Type Delegate(TypeImage image)
    {
        var type = Find(image);
        return type.IsSubclassOf(typeof(MulticastDelegate))
            ? type
            : throw Refused(type, "it is no delegate", "Send what ObjectShipper packed.");
    }

    /// <summary>A type whose methods may be called.</summary>
    public Type Methods(TypeImage image)
    {
        var type = Find(image);
        return Shippable.HasMethods(type)
            ? type
            : throw Refused(
                type,
                "its methods are not those of the user",
                "Call it from within a lambda of your own: x => ..."
            );
    }

    /// <summary>A type that is only named: an argument of another, or an enumeration.</summary>
    public Type Find(TypeImage image)
    {
        if (image.Rank > 0)
        {
            var element = Find(image.Arguments[0]);
            return image.Rank == 1 ? element.MakeArrayType() : element.MakeArrayType(image.Rank);
        }

        var definition =
            AssemblyOf(image).GetType(image.Name, throwOnError: false)
            ?? throw new ShippingException(
                $"{description} needs type '{image.Name}', which assembly '{image.Assembly}' does not have in this silo. "
                    + "Start client and silo from the same build of Air.Orleans."
            );
        return image.Arguments.Length == 0 ? definition : definition.MakeGenericType([.. image.Arguments.Select(Find)]);
    }

    private Assembly AssemblyOf(TypeImage image)
    {
        if (image.ModuleVersion == Guid.Empty)
        {
            return Border.IsShared(image.Assembly)
                ? _known.Find(image.Assembly) ?? throw Missing(image)
                : throw new ShippingException(
                    $"{description} names assembly '{image.Assembly}' without its build. Send what ObjectShipper packed."
                );
        }

        var here = _known.Find(image.Assembly);
        if (here is not null && here.ManifestModule.ModuleVersionId == image.ModuleVersion)
        {
            if (gate is not null && _admitted.Add(image.Assembly))
            {
                gate.ThrowIfImageRefused(description, image.Assembly);
            }

            return here;
        }

        var shipped = bundle?.Invoke().Find(image.Assembly);
        if (shipped is null)
        {
            throw here is null ? Missing(image) : OtherBuild(image, here);
        }

        return shipped.ManifestModule.ModuleVersionId == image.ModuleVersion
            ? shipped
            : throw OtherBuild(image, shipped);
    }

    private ShippingException Missing(TypeImage image) =>
        new(
            $"{description} needs type '{image.Name}', and assembly '{image.Assembly}' with it is not loaded in this "
                + "silo. Send it from a client that is connected with AirCluster.ConnectAsync, which ships its assemblies, "
                + "or start the silo with '--load FILE.dll'."
        );

    private ShippingException OtherBuild(TypeImage image, Assembly here) =>
        new(
            $"{description} comes from build {image.ModuleVersion} of assembly '{image.Assembly}', and this silo has "
                + $"loaded build {here.ManifestModule.ModuleVersionId} ({here.Location}). Start both from the same build."
        );

    private ShippingException Refused(Type type, string why, string cure) =>
        new($"{description} names {type.FullName}, which is refused: {why}. {cure}");
}
