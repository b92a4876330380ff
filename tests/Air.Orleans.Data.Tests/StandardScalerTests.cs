namespace Air.Orleans.Data.Tests;

public sealed class StandardScalerTests(LocalCluster cluster) : IClassFixture<LocalCluster>
{
    [Fact]
    public async Task Fit_NullsAndConstantColumn_PopulationDeviationAndJsonKeepsEveryBit()
    {
        var path = cluster.Csv("x,same\n1,5\n,5\n3,5\n8,5\n");
        var fitted = (StandardScaler)
            await new StandardScaler("x", "same").FitAsync(
                cluster.Air.Data.ReadCsv(path, new() { BlockSizeBytes = 4 })
            );
        var read = (StandardScaler)Preprocessor.FromJson(fitted.ToJson());

        Assert.Equal(4, fitted.Scales![0].Mean, 12);
        Assert.Equal(Math.Sqrt(26.0 / 3), fitted.Scales[0].Divisor, 12);
        Assert.Equal(new ColumnScale("same", 5, 1), fitted.Scales[1]);
        Assert.Equal(fitted.Scales, read.Scales);
    }
}
