namespace Air.Orleans.Tune.Tests;

public sealed class TrialSlotsTests
{
    [Theory]
    [InlineData(1, 0, 7)]
    [InlineData(2, 0, 3)]
    [InlineData(0.5, 0, 14)]
    [InlineData(1, 0.5, 2)]
    [InlineData(0, 0, 7)]
    [InlineData(5, 0, 1)]
    [InlineData(0.1, 0, 70)]
    public void Count_TwoSilos_AddsWhatFitsEach(double cpu, double gpu, int expected)
    {
        ResourceSet[] silos = [new() { Cpu = 4 }, new() { Cpu = 3, Gpu = 1 }];
        Assert.Equal(expected, TrialSlots.Count(silos, new ResourceSet { Cpu = cpu, Gpu = gpu }));
    }

    [Fact]
    public void Count_CustomResource_Limits()
    {
        var licences = new Dictionary<string, double> { ["licence"] = 2 };
        var one = new Dictionary<string, double> { ["licence"] = 1 };
        ResourceSet[] silos = [new() { Cpu = 9, Custom = licences }, new() { Cpu = 9 }];
        Assert.Equal(2, TrialSlots.Count(silos, new ResourceSet { Cpu = 1, Custom = one }));
    }

    [Fact]
    public void Count_NoSilos_IsOne() => Assert.Equal(1, TrialSlots.Count([], new ResourceSet { Cpu = 1 }));
}
