using Air.Orleans.Core.Shipping;

namespace Air.Orleans.Core.Tests.Shipping;

public sealed class ObjectShippingTests
{
    [Fact]
    public void Sent_ClassWithABase_KeepsPrivateFieldsOfBoth()
    {
        var sent = Shipments.Sent<Animal>(new Dog("Rex", 3));

        Assert.Equal("Rex is 3", Assert.IsType<Dog>(sent).Describe());
    }

    [Fact]
    public void Sent_Record_IsEqualAndAnother()
    {
        var point = new Point(1, new Half(2.5));

        var sent = Shipments.Sent(point);

        Assert.Equal(point, sent);
        Assert.NotSame(point, sent);
    }

    [Fact]
    public void Sent_SharedReference_StaysShared()
    {
        var node = new Node();

        var sent = Shipments.Sent(new Pair(node, node));

        Assert.Same(sent.Left, sent.Right);
    }

    [Fact]
    public void Sent_Cycle_StaysACycle()
    {
        var node = new Node();
        node.Next = new Node { Next = node };

        var sent = Shipments.Sent(node);

        Assert.Same(sent, sent.Next!.Next);
        Assert.NotSame(sent, sent.Next);
    }

    [Theory]
    [InlineData(new int[0])]
    [InlineData(new[] { 1, 2, 3 })]
    public void Sent_ArraysAndCollections_KeepTheirValues(int[] values)
    {
        var sent = Shipments.Sent(
            new Bag(values, values.ToDictionary(static x => $"{x}"), new int[2, 2], DayOfWeek.Friday)
        );

        Assert.Equal(values, sent.Values);
        Assert.Equal(values.ToDictionary(static x => $"{x}"), sent.ByName);
        Assert.Equal(2, sent.Grid.GetLength(1));
        Assert.Equal(DayOfWeek.Friday, sent.Day);
    }

    [Fact]
    public void Pack_ArrayOfUnmarkedTypes_IsRefusedByName()
    {
        var error = Assert.Throws<ShippingException>(() => Shipments.Sent(new Halves([new Half(1)])));

        Assert.Contains("'All'", error.Message);
        Assert.Contains("has no serializer", error.Message);
    }

    [Fact]
    public void Pack_EqualContent_HasEqualHash()
    {
        var shipper = new ObjectShipper(Shipments.Serializer);

        Assert.Equal(Hash(1), Hash(1));
        Assert.NotEqual(Hash(1), Hash(2));

        string Hash(int x) => shipper.Pack(new Point(x, new Half(1)), "p").ContentHash;
    }

    [Fact]
    public void Resolve_OtherBuild_NamesBothBuilds()
    {
        var other = Guid.NewGuid();
        var image = TypeNames.Of(typeof(Point)) with { ModuleVersion = other };

        var error = Assert.Throws<ShippingException>(() => TypeNames.Resolve(image, "The loop"));

        Assert.Contains("The loop", error.Message);
        Assert.Contains($"{other}", error.Message);
        Assert.Contains($"{typeof(Point).Module.ModuleVersionId}", error.Message);
        Assert.Contains("same build", error.Message);
    }

    [Fact]
    public void Resolve_UnknownAssembly_NamesItAndTheCure()
    {
        var image = new TypeImage("User.Loop, User.Code", "User.Code", Guid.NewGuid());

        var error = Assert.Throws<ShippingException>(() => TypeNames.Resolve(image, "The loop"));

        Assert.Contains("'User.Code'", error.Message);
        Assert.Contains("--load", error.Message);
    }

    [Theory]
    [InlineData(typeof(int[,]))]
    [InlineData(typeof(Dictionary<string, List<Point>[]>))]
    [InlineData(typeof(Func<(int, Half), Node[]>))]
    public void Resolve_NamedType_IsTheSame(Type type) =>
        Assert.Equal(type, TypeNames.Resolve(TypeNames.Of(type), "The loop"));

    private abstract class Animal(string name)
    {
        private readonly string _name = name;

        protected string Name() => _name;
    }

    private sealed class Dog(string name, int age) : Animal(name)
    {
        private readonly int _age = age;

        public string Describe() => $"{Name()} is {_age}";
    }

    private sealed record Point(int X, Half Y);

    private readonly record struct Half(double Value);

    private sealed class Node
    {
        public Node? Next { get; set; }
    }

    private sealed record Pair(Node Left, Node Right);

    private sealed record Bag(int[] Values, Dictionary<string, int> ByName, int[,] Grid, DayOfWeek Day);

    private sealed record Halves(Half[] All);
}
