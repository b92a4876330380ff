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
    public void Sent_CollectionsOfTypesOfTheUser_KeepTheirItems()
    {
        var half = new Half(1);
        var node = new Node();

        var sent = Shipments.Sent(
            new Collections(
                [half],
                [node, node],
                new() { ["a"] = half },
                [Shade.Dark],
                (3, half),
                [1, "a", Shade.Light, null]
            )
        );

        Assert.Equal([half], sent.Halves);
        Assert.Same(sent.Nodes[0], sent.Nodes[1]);
        Assert.Equal(half, sent.ByName["a"]);
        Assert.Equal([Shade.Dark], sent.Shades);
        Assert.Equal((3, half), sent.Pair);
        Assert.Equal([1, "a", Shade.Light, null], sent.Mixed);
    }

    [Fact]
    public void Pack_DictionaryWithAComparer_IsRefusedByName()
    {
        var error = Assert.Throws<ShippingException>(() =>
            Shipments.Sent(new Named(new Dictionary<string, Half>(StringComparer.OrdinalIgnoreCase)))
        );

        Assert.Contains("'ByName'", error.Message);
        Assert.Contains("comparer", error.Message);
    }

    [Fact]
    public void Pack_CollectionThatNobodyKnows_IsRefusedByName()
    {
        var error = Assert.Throws<ShippingException>(() => Shipments.Sent(new Waiting(new Queue<Half>())));

        Assert.Contains("'Halves'", error.Message);
        Assert.Contains("capture an array", error.Message);
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

        var error = Assert.Throws<ShippingException>(() => new TypeFinder("The loop").Find(image));

        Assert.Contains("The loop", error.Message);
        Assert.Contains($"{other}", error.Message);
        Assert.Contains($"{typeof(Point).Module.ModuleVersionId}", error.Message);
        Assert.Contains("same build", error.Message);
    }

    [Fact]
    public void Resolve_UnknownAssembly_NamesItAndTheCure()
    {
        var image = new TypeImage("User.Loop", "User.Code", Guid.NewGuid(), []);

        var error = Assert.Throws<ShippingException>(() => new TypeFinder("The loop").Find(image));

        Assert.Contains("'User.Code'", error.Message);
        Assert.Contains("--load", error.Message);
    }

    [Theory]
    [InlineData(typeof(int[,]))]
    [InlineData(typeof(Dictionary<string, List<Point>[]>))]
    [InlineData(typeof(Func<(int, Half), Node[]>))]
    public void Resolve_NamedType_IsTheSame(Type type) =>
        Assert.Equal(type, new TypeFinder("The loop").Find(TypeNames.Of(type)));

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

    private enum Shade
    {
        Light,
        Dark,
    }

    private sealed record Collections(
        Half[] Halves,
        List<Node> Nodes,
        Dictionary<string, Half> ByName,
        HashSet<Shade> Shades,
        (int, Half) Pair,
        object?[] Mixed
    );

    private sealed record Named(Dictionary<string, Half> ByName);

    private sealed record Waiting(Queue<Half> Halves);
}
