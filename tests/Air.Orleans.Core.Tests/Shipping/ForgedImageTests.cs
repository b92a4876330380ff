using System.Diagnostics;
using System.Reflection;
using System.Runtime.InteropServices;
using Air.Orleans.Core.Shipping;

namespace Air.Orleans.Core.Tests.Shipping;

/// <summary>Images that no writer of ours makes: a silo must refuse them by itself.</summary>
public sealed class ForgedImageTests
{
    [Fact]
    public void Open_MethodOfTheFramework_IsRefused()
    {
        var method = typeof(Process).GetMethod(nameof(Process.Start), [typeof(string)])!;
        var image = Call(typeof(Func<string, Process>), method);

        AssertRefused<Func<string, Process>>(image, "System.Diagnostics.Process");
    }

    [Fact]
    public void Open_MethodOfTheLibraries_IsRefused()
    {
        var method = typeof(AirOptions).GetMethod(nameof(AirOptions.ParseLabels))!;
        var image = Call(typeof(Func<string, IReadOnlyDictionary<string, string>>), method);

        AssertRefused<Delegate>(image, nameof(AirOptions));
    }

    [Theory]
    [InlineData(typeof(Process))]
    [InlineData(typeof(FileStream))]
    [InlineData(typeof(Forged))]
    public void Open_ObjectThatHoldsTheProcess_IsRefused(Type type) =>
        AssertRefused<object>(new FieldsImage(TypeNames.Of(type), []), type.Name);

    [Fact]
    public void Open_AssemblyOfTheUserWithoutItsBuild_IsRefused() =>
        AssertRefused<object>(
            new FieldsImage(TypeNames.Of(typeof(ForgedImageTests)) with { ModuleVersion = Guid.Empty }, []),
            "without its build"
        );

    private static DelegateImage Call(Type type, MethodInfo method) =>
        new(
            TypeNames.Of(type),
            TypeNames.Of(method.DeclaringType!),
            method.MetadataToken,
            method.Name,
            [],
            new NullImage()
        );

    private static void AssertRefused<T>(ObjectImage image, string part)
        where T : class
    {
        var forged = new ShippedObject("The parcel", Shipments.Serializer.SerializeToArray(image));

        var error = Assert.Throws<ShippingException>(() => new ObjectShipper(Shipments.Serializer).Open<T>(forged));

        Assert.Contains("The parcel", error.Message);
        Assert.Contains(part, error.Message);
    }

    private sealed class Forged() : SafeHandle(0, ownsHandle: false)
    {
        public override bool IsInvalid => true;

        protected override bool ReleaseHandle() => true;
    }
}
