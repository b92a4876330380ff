using System.Runtime.CompilerServices;
using Air.Orleans.Core.Shipping;
using Air.Orleans.Core.Shipping.Code;
using Air.Orleans.Tests;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Air.Orleans.Core.Tests.Shipping;

public sealed class CodeContextTests : IDisposable
{
    private static readonly string Bundle = new('a', 64);

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Open_CodeThatOnlyTheBundleHas_Computes()
    {
        UserCode.Compile(
            _folder.Path,
            "Shop",
            "public class Price(int tax) { public Func<int, int> Gross() => x => x + tax; }"
        );
        var shipper = new ObjectShipper(Shipments.Serializer, cache: NewCache(new FakeTimeProvider()));

        using var sent = shipper.Open<Func<int, int>>(Packed(shipper, "Price", 7, "Gross"));

        Assert.Equal(10, sent.Value(3));
        Assert.Equal("Shop", sent.Value.Method.DeclaringType!.Assembly.GetName().Name);
        Assert.True(sent.Value.Method.DeclaringType.IsCollectible);
    }

    [Fact]
    public void Open_BundleWithAnotherVersionOfALibrary_BothWork()
    {
        var library = UserCode.Compile(
            _folder.Path,
            "Polly.Core",
            "[assembly: System.Reflection.AssemblyVersion(\"99.0.0.0\")] namespace Polly; public static class Marker { public static string Text() => typeof(Marker).Assembly.GetName().Version!.ToString(); }"
        );
        UserCode.Compile(
            _folder.Path,
            "Shop",
            "public class Price(int tax) { public Func<string> Gross() => () => Polly.Marker.Text() + tax; }",
            [library]
        );
        var shipper = new ObjectShipper(Shipments.Serializer, cache: NewCache(new FakeTimeProvider()));

        using var sent = shipper.Open<Func<string>>(Packed(shipper, "Price", 1, "Gross"));

        Assert.Equal("99.0.0.01", sent.Value());
        Assert.NotEqual(99, typeof(Polly.ResiliencePipeline).Assembly.GetName().Version!.Major);
    }

    [Fact]
    public void Open_BundleThatLacksALibrary_FailsByItsName()
    {
        var elsewhere = Path.Combine(_folder.Path, "elsewhere");
        var library = UserCode.Compile(
            elsewhere,
            "Taxes",
            "public static class Rates { public static int Of(int x) => x; }"
        );
        UserCode.Compile(
            _folder.Path,
            "Shop",
            "public class Price(int tax) { public Func<int> Gross() => () => Rates.Of(tax); }",
            [library]
        );
        var shipper = new ObjectShipper(Shipments.Serializer, cache: NewCache(new FakeTimeProvider()));

        using var sent = shipper.Open<Func<int>>(Packed(shipper, "Price", 1, "Gross"));

        var error = Assert.Throws<FileNotFoundException>(() => sent.Value());
        Assert.Contains("Taxes", error.Message);
    }

    [Fact]
    public void Open_StaticConstructorThatThrows_TellsItsError()
    {
        UserCode.Compile(
            _folder.Path,
            "Shop",
            "public class Price(int tax) { static class Rates { public static int Rate = int.Parse(\"none\"); } public Func<int> Gross() => () => Rates.Rate + tax; }"
        );
        var shipper = new ObjectShipper(Shipments.Serializer, cache: NewCache(new FakeTimeProvider()));

        using var sent = shipper.Open<Func<int>>(Packed(shipper, "Price", 1, "Gross"));

        var error = Assert.Throws<TypeInitializationException>(() => sent.Value());
        Assert.IsType<FormatException>(error.InnerException);
    }

    [Fact]
    public void Open_FileThatIsNoAssembly_IsRefusedByName()
    {
        UserCode.Compile(
            _folder.Path,
            "Shop",
            "public class Price(int tax) { public Func<int> Gross() => () => tax; }"
        );
        // A folder of its own: what was packed from stays mapped until it is unloaded, and must not change under the runtime.
        using var arrived = new TemporaryFolder();
        arrived.File("Shop.dll", "no assembly");
        var cache = new CodeCache(
            new FolderLoader(arrived.Path),
            new FakeTimeProvider(),
            NullLogger<CodeCache>.Instance
        );
        var shipper = new ObjectShipper(Shipments.Serializer, cache: cache);
        var packed = Packed(shipper, "Price", 1, "Gross");

        var error = Assert.Throws<ShippingException>(() => shipper.Open<Func<int>>(packed));

        Assert.Contains("'Shop.dll'", error.Message);
    }

    [Fact]
    public void Rent_AfterTheLastUse_IsUnloadedAndCollected()
    {
        UserCode.Compile(
            _folder.Path,
            "Shop",
            "public class Price(int tax) { public Func<int, int> Gross() => x => x + tax; }"
        );
        var time = new FakeTimeProvider();
        using var cache = NewCache(time);

        var context = Use(cache);
        Assert.Equal(1, cache.Count);
        time.Advance(CodeCache.Idle * 2);

        Assert.Equal(0, cache.Count);
        for (var i = 0; i < 20 && context.IsAlive; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        Assert.False(context.IsAlive);
    }

    [Fact]
    public void Rent_WhileItIsUsed_StaysLoaded()
    {
        UserCode.Compile(
            _folder.Path,
            "Shop",
            "public class Price(int tax) { public Func<int, int> Gross() => x => x + tax; }"
        );
        var time = new FakeTimeProvider();
        using var cache = NewCache(time);

        using (var lease = cache.Rent(Bundle, "the test"))
        {
            time.Advance(CodeCache.Idle * 10);
            Assert.Equal(1, cache.Count);
            Assert.NotNull(lease.Context.Find("Shop"));
        }

        time.Advance(CodeCache.Idle * 2);
        Assert.Equal(0, cache.Count);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private WeakReference Use(CodeCache cache)
    {
        var shipper = new ObjectShipper(Shipments.Serializer, cache: cache);
        using var sent = shipper.Open<Func<int, int>>(Packed(shipper, "Price", 7, "Gross"));
        Assert.Equal(10, sent.Value(3));
        using var lease = cache.Rent(Bundle, "the test");
        return new WeakReference(lease.Context);
    }

    /// <summary>Packs what a client with this code would pack: the code is loaded apart, and let go of.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private ShippedObject Packed(ObjectShipper shipper, string type, int value, string method)
    {
        var client = new CodeContext(new string('b', 64), _folder.Path);
        var made = client.Find("Shop")!.GetType(type)!;
        var target = Activator.CreateInstance(made, value)!;
        var packed = shipper.Pack(made.GetMethod(method)!.Invoke(target, null)!, "The parcel");
        client.Unload();
        return packed with { Bundle = Bundle };
    }

    private CodeCache NewCache(TimeProvider time) =>
        new(new FolderLoader(_folder.Path), time, NullLogger<CodeCache>.Instance);

    private sealed class FolderLoader(string folder) : ICodeLoader
    {
        public CodeContext Load(string hash, string description) => new(hash, folder);

        public Task TouchAsync(IReadOnlyCollection<string> hashes) => Task.CompletedTask;
    }
}
