using System.Linq.Expressions;

namespace Air.Orleans.Core.Tests.Shipping;

public sealed class DelegateShippingTests
{
    private readonly int _offset = 7;
    private readonly Stream _unrelated = Stream.Null;

    [Fact]
    public void Sent_StaticLambda_Computes() => Assert.Equal(9, Shipments.Sent<Func<int, int>>(static x => x * x)(3));

    [Fact]
    public void Sent_CapturedValues_AreCopied()
    {
        var factor = 3;
        int[] array = [1, 2];
        var list = new List<string> { "a", "b" };
        Func<int, string> code = x => $"{x * factor} {array.Sum()} {string.Concat(list)}";

        var sent = Shipments.Sent(code);
        factor = 100;
        array[0] = 100;
        list.Add("c");

        Assert.Equal("6 3 ab", sent(2));
        Assert.Equal("200 102 abc", code(2));
    }

    [Fact]
    public void Sent_NestedClosures_KeepEveryScope()
    {
        var outer = 10;
        var functions = new List<Func<int, int>>();
        for (var i = 0; i < 3; i++)
        {
            var inner = i;
            functions.Add(x => Enumerable.Range(0, 2).Select(y => x + y + inner + outer).Sum());
        }

        Assert.Equal([23, 25, 27], functions.Select(function => Shipments.Sent(function)(1)));
    }

    [Fact]
    public void Sent_CapturedDelegate_TravelsToo()
    {
        var step = 2;
        Func<int, int> inner = x => x + step;
        Func<int, int> outer = x => inner(inner(x));

        Assert.Equal(5, Shipments.Sent(outer)(1));
    }

    [Fact]
    public void Sent_LocalFunction_KeepsWhatItCaptures()
    {
        var limit = 4;
        int Clip(int x) => Math.Min(x, limit);

        Assert.Equal(4, Shipments.Sent<Func<int, int>>(Clip)(9));
        Assert.Equal(4, Shipments.Sent<Func<int, int>>(x => Clip(x))(9));
    }

    [Fact]
    public void Sent_MethodGroups_AreFound()
    {
        Assert.Equal(8, Shipments.Sent<Func<int, int>>(Double)(4));
        Assert.Equal("4", Shipments.Sent<Func<int, string>>(Text)(4));
        Assert.Equal(4, Shipments.Sent<Func<int, int>>(Math.Abs)(-4));
    }

    [Fact]
    public void Sent_LambdaInAGenericMethod_KeepsItsArguments()
    {
        Assert.Equal("Int32 5", Shipments.Sent(Describe(5))());
        Assert.Equal("String x", Shipments.Sent(Describe("x"))());
    }

    [Fact]
    public async Task Sent_AsyncLambda_KeepsWhatItsStateMachineTouches()
    {
        var left = 1;
        var right = 2;
        Func<Task<int>> code = async () =>
        {
            await Task.Yield();
            return left + right;
        };

        Assert.Equal(3, await Shipments.Sent(code)());
    }

    [Fact]
    public void Sent_LambdaOfAnInstance_TakesItsFieldsAlong()
    {
        var scale = new Scale(4);

        Assert.Equal(12, Shipments.Sent(scale.Function())(3));
    }

    [Fact]
    public void Sent_NeighbourCapturesAStream_IsNotSpoilt()
    {
        using var stream = new MemoryStream();
        var factor = 5;
        Func<long> neighbour = () => stream.Length;
        Func<int, int> code = x => x * factor;

        Assert.Equal(10, Shipments.Sent(code)(2));
        Assert.Equal(0, neighbour());
    }

    [Fact]
    public void Pack_CapturedStream_IsRefusedByName()
    {
        using var source = new MemoryStream();

        AssertRefused(() => source.Length, "'source'", "System.IO.MemoryStream");
    }

    [Fact]
    public void Pack_CapturedToken_IsRefusedByName()
    {
        using var stopping = new CancellationTokenSource();
        var token = stopping.Token;

        AssertRefused(() => token.IsCancellationRequested ? 1 : 0, "'token'", "CancellationToken");
    }

    [Fact]
    public void Pack_CapturedServices_AreRefusedByName()
    {
        IServiceProvider services = new ServiceCollection().BuildServiceProvider();

        AssertRefused(() => services.GetHashCode(), "'services'", "ServiceProvider");
    }

    [Fact]
    public void Pack_StreamInAFieldOfThis_IsRefusedByItsPath() =>
        AssertRefused(() => _unrelated.Length + _offset, "'_unrelated'", "Stream");

    [Fact]
    public void Pack_DelegateWithTwoTargets_IsRefused()
    {
        Func<int> both = static () => 1;
        both += static () => 2;

        AssertRefused(both, "several targets");
    }

    [Fact]
    public void Pack_CompiledExpression_IsRefused()
    {
        Expression<Func<int>> expression = static () => 1;

        AssertRefused(expression.Compile(), "cannot be sent to a silo");
    }

    [Fact]
    public void Pack_MethodOfTheFramework_IsRefusedByName()
    {
        Action<string> delete = File.Delete;

        var error = Assert.Throws<ShippingException>(() => Shipments.Sent(delete));

        Assert.Contains("System.IO.File.Delete", error.Message);
        Assert.Contains("x => ...", error.Message);
    }

    [Fact]
    public void Pack_CapturedReflection_IsRefusedByName()
    {
        var method = typeof(File).GetMethod(nameof(File.Delete))!;

        AssertRefused(() => method.Invoke(null, ["x"]), "'method'");
    }

    private static int Double(int x) => 2 * x;

    private static string Text<T>(T value) => $"{value}";

    private static Func<string> Describe<T>(T value) => () => $"{typeof(T).Name} {value}";

    private static void AssertRefused<T>(Func<T> code, params string[] parts)
    {
        var error = Assert.Throws<ShippingException>(() => Shipments.Sent(code));
        Assert.All(parts.Append("The parcel"), part => Assert.Contains(part, error.Message));
    }

    private sealed class Scale(int factor)
    {
        private readonly int _factor = factor;

        public Func<int, int> Function() => x => x * _factor;
    }
}
