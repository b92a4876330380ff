using System.Text.Json;

namespace Air.Orleans.Tune.Tests;

public sealed class SearchSpaceTests
{
    private static readonly JsonElement One = JsonSerializer.SerializeToElement(1);

    [Fact]
    public void Dimensions_AllKindsAdded_KeepOrderNamesAndBounds()
    {
        var space = new SearchSpace<Parameters>()
            .LogUniform(p => p.LearningRate, 1e-4, 1e-2)
            .Uniform(p => p.Momentum, 0.1, 0.9)
            .RandInt(p => p.BatchSize, 8, 64)
            .Choice(p => p.Activation, Activation.Relu, Activation.Tanh)
            .Grid(p => p.Layers, (byte)1, (byte)2);

        Assert.Equal(
            ["LearningRate", "Momentum", "BatchSize", "Activation", "Layers"],
            space.Dimensions.Select(domain => domain.Name)
        );
        var rate = Assert.IsType<LogUniformDomain>(space.Dimensions[0]);
        Assert.Equal((1e-4, 1e-2, NumberKind.DoublePrecision), (rate.Low, rate.High, rate.Kind));
        Assert.Equal(NumberKind.SinglePrecision, Assert.IsType<UniformDomain>(space.Dimensions[1]).Kind);
        Assert.Equal(64, Assert.IsType<IntegerDomain>(space.Dimensions[2]).HighExclusive);
        Assert.Equal(2, Assert.IsType<ChoiceDomain>(space.Dimensions[3]).Values.Count);
        Assert.Equal("2", Assert.IsType<GridDomain>(space.Dimensions[4]).Values[1].GetRawText());
    }

    [Fact]
    public void Uniform_OnASpace_LeavesThatSpaceAsItWas()
    {
        var empty = new SearchSpace<Parameters>();
        empty.Uniform(p => p.LearningRate, 0, 1);
        Assert.Empty(empty.Dimensions);
    }

    [Fact]
    public void Uniform_OfEveryIntegerType_IsWhole()
    {
        var space = new SearchSpace<Parameters>()
            .Uniform(p => p.BatchSize, 1, 9)
            .LogUniform(p => p.Steps, 1, 1e6)
            .Uniform(p => p.Layers, 0, 256);
        Assert.Equal(NumberKind.Whole, ((UniformDomain)space.Dimensions[0]).Kind);
        Assert.Equal(NumberKind.Whole, ((LogUniformDomain)space.Dimensions[1]).Kind);
        Assert.Equal(NumberKind.Whole, ((UniformDomain)space.Dimensions[2]).Kind);
    }

    [Fact]
    public void Dimensions_ThroughJson_DrawTheSame()
    {
        var space = new SearchSpace<Parameters>()
            .LogUniform(p => p.LearningRate, 1e-4, 1e-2)
            .Uniform(p => p.Momentum, 0.1, 0.9)
            .RandInt(p => p.BatchSize, 8, 64)
            .Choice(p => p.Name, "a", null)
            .Grid(p => p.Activation, Activation.Relu, Activation.Tanh);

        // With the default options, as another library would write them.
        var read = JsonSerializer.Deserialize<SearchSpace<Parameters>>(JsonSerializer.Serialize(space));

        var before = new RandomSearch().Create(space.Dimensions, 5, Mode.Min, 3);
        var after = new RandomSearch().Create(read!.Dimensions, 5, Mode.Min, 3);
        Assert.All(Enumerable.Range(0, 10), i => Assert.Equal(before.Suggest(i), after.Suggest(i)));
    }

    [Fact]
    public void Apply_Configuration_ChangesItsPropertiesAndKeepsTheOthers()
    {
        var space = new SearchSpace<Parameters>()
            .Grid(p => p.LearningRate, 0.5)
            .Grid(p => p.Activation, Activation.Tanh)
            .Grid(p => p.Name, (string?)null)
            .Grid(p => p.WeightDecay, double.PositiveInfinity)
            .Grid(p => p.Nested, new Parameters.Inner { Rate = 3 });
        var configuration = new RandomSearch().Create(space.Dimensions, 1, Mode.Min, 0).Suggest(0)!;
        var baseline = new Parameters { BatchSize = 77 };

        var applied = space.Apply(baseline, configuration);

        Assert.Equal(
            baseline with
            {
                LearningRate = 0.5,
                Activation = Activation.Tanh,
                Name = null,
                WeightDecay = double.PositiveInfinity,
                Nested = new() { Rate = 3 },
            },
            applied
        );
        Assert.Equal(0.01, baseline.LearningRate);
    }

    [Fact]
    public void Apply_PositionalRecord_GivesACopy()
    {
        var space = new SearchSpace<Positional>().Grid(p => p.Size, 5);
        var configuration = new GridSearch().Create(space.Dimensions, 1, Mode.Min, 0).Suggest(0)!;
        Assert.Equal(new Positional(0.25, 5), space.Apply(new Positional(0.25, 1), configuration));
    }

    [Fact]
    public void Apply_FloatDraw_IsExactlyTheConfigurationsValue()
    {
        var space = new SearchSpace<Parameters>().Uniform(p => p.Momentum, 0.1, 0.9);
        var searcher = new RandomSearch().Create(space.Dimensions, 50, Mode.Min, 1);
        for (var i = 0; i < 50; i++)
        {
            var configuration = searcher.Suggest(i)!;
            var momentum = space.Apply(new(), configuration).Momentum;
            Assert.Equal((double)configuration.Get<float>("Momentum"), momentum);
            Assert.InRange(momentum, 0.1f, 0.9f);
        }
    }

    [Fact]
    public void Apply_UnknownName_SaysWhichWasMeant()
    {
        var error = Assert.Throws<ArgumentException>(() =>
            new SearchSpace<Parameters>().Apply(new(), new([new("LearningRat", One)]))
        );
        Assert.Contains("'LearningRat' is not a settable property of Parameters", error.Message);
        Assert.Contains("Did you mean 'LearningRate'?", error.Message);
    }

    [Fact]
    public void Apply_ValueOfAnotherType_SaysValuePropertyAndType()
    {
        var wrong = new Configuration([new("BatchSize", JsonSerializer.SerializeToElement("many"))]);
        var error = Assert.Throws<ArgumentException>(() => new SearchSpace<Parameters>().Apply(new(), wrong));
        Assert.Contains(
            "gives 'BatchSize' the value \"many\", but the property of Parameters is a Int32",
            error.Message
        );
    }

    [Fact]
    public void Uniform_NestedProperty_IsRefused()
    {
        var error = Assert.Throws<ArgumentException>(() =>
            new SearchSpace<Parameters>().Uniform(p => p.Nested.Rate, 0, 1)
        );
        Assert.Contains("Uniform(p => p.Nested.Rate) does not name a property of Parameters", error.Message);
        Assert.Contains("such as p => p.LearningRate", error.Message);
    }

    [Fact]
    public void Uniform_ComputedValueOrForeignProperty_IsRefused()
    {
        var other = new Parameters();
        var space = new SearchSpace<Parameters>();
        Assert.Throws<ArgumentException>(() => space.Uniform(p => p.LearningRate * 2, 0, 1));
        Assert.Throws<ArgumentException>(() => space.Uniform(p => other.LearningRate, 0, 1));
    }

    [Fact]
    public void Uniform_PropertyThatCannotBeSet_IsRefused()
    {
        var space = new SearchSpace<Parameters>();
        var computed = Assert.Throws<ArgumentException>(() => space.Uniform(p => p.Computed, 0, 1));
        Assert.Contains("'Computed' is not a settable property of Parameters", computed.Message);
        Assert.Contains("needs a public set or init", computed.Message);
        Assert.Throws<ArgumentException>(() => space.Uniform(p => p.Private, 0, 1));
        var hidden = Assert.Throws<ArgumentException>(() => space.Uniform(p => p.Hidden, 0, 1));
        Assert.Contains("'Hidden' of Parameters is left out of JSON", hidden.Message);
    }

    [Fact]
    public void Choice_SamePropertyTwice_IsRefused()
    {
        var space = new SearchSpace<Parameters>().Uniform(p => p.LearningRate, 0, 1);
        var error = Assert.Throws<ArgumentException>(() => space.Choice(p => p.LearningRate, 0.1));
        Assert.Contains("'LearningRate' of Parameters has two dimensions, the second by Choice", error.Message);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 1)]
    [InlineData(double.NaN, 1)]
    [InlineData(0, double.PositiveInfinity)]
    public void Uniform_BoundsOutOfOrderOrNotFinite_IsRefused(double low, double high)
    {
        var error = Assert.Throws<ArgumentException>(() =>
            new SearchSpace<Parameters>().Uniform(p => p.LearningRate, low, high)
        );
        Assert.Contains($"Uniform of 'LearningRate' goes from {low:R} to {high:R}", error.Message);
        Assert.Contains("finite bounds with low below high", error.Message);
    }

    [Fact]
    public void LogUniform_LowNotAboveZero_IsRefused()
    {
        var error = Assert.Throws<ArgumentException>(() =>
            new SearchSpace<Parameters>().LogUniform(p => p.LearningRate, 0, 1)
        );
        Assert.Contains("LogUniform of 'LearningRate' starts at 0", error.Message);
    }

    [Fact]
    public void RandInt_BoundsOutOfOrderOrType_IsRefused()
    {
        var space = new SearchSpace<Parameters>();
        var order = Assert.Throws<ArgumentException>(() => space.RandInt(p => p.BatchSize, 4, 4));
        Assert.Contains("RandInt of 'BatchSize' goes from 4 to 4 (exclusive)", order.Message);
        var type = Assert.Throws<ArgumentException>(() => space.RandInt(p => p.Layers, 0, 257));
        Assert.Contains("but Byte holds 0 to 255", type.Message);
        Assert.Single(space.RandInt(p => p.Layers, 0, 256).Dimensions);
        Assert.Single(space.RandInt(p => p.Steps, long.MinValue, long.MaxValue).Dimensions);
    }

    [Fact]
    public void Uniform_IntegerPropertyWithBrokenOrWideBounds_IsRefused()
    {
        var space = new SearchSpace<Parameters>();
        var broken = Assert.Throws<ArgumentException>(() => space.Uniform(p => p.BatchSize, 0.5, 4));
        Assert.Contains("must be whole numbers within ±2^53", broken.Message);
        var wide = Assert.Throws<ArgumentException>(() => space.Uniform(p => p.BatchSize, 0, 3e9));
        Assert.Contains("but Int32 holds", wide.Message);
    }

    [Fact]
    public void Choice_NoValues_IsRefused()
    {
        var error = Assert.Throws<ArgumentException>(() => new SearchSpace<Parameters>().Choice(p => p.BatchSize));
        Assert.Contains("Choice of 'BatchSize' has no values", error.Message);
    }

    [Fact]
    public void Grid_ValueThatThePropertyCannotHold_IsRefused()
    {
        var error = Assert.Throws<ArgumentException>(() =>
            new SearchSpace<Parameters>().Grid(p => p.BatchSize, 8, 0.5)
        );
        Assert.Contains("Grid of 'BatchSize' offers '0.5', but the property holds a Int32", error.Message);
    }

    [Fact]
    public void SearchSpace_TypeThatCannotBeMade_IsRefused()
    {
        foreach (
            var make in new Action[]
            {
                () => _ = new SearchSpace<NeedsArgument>(),
                () => _ = new SearchSpace<AbstractParameters>(),
                () => _ = new SearchSpace<int>(),
                () => _ = new SearchSpace<string>(),
                () => _ = new SearchSpace<List<int>>(),
            }
        )
        {
            var error = Assert.Throws<ArgumentException>(make);
            Assert.Contains("cannot be the parameters of a search", error.Message);
            Assert.Contains("parameterless constructor, a record, or a struct", error.Message);
        }
    }
}
