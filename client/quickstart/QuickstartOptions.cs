namespace Air.Orleans.Quickstart;

/// <summary>What the command line may change of the quick start.</summary>
public sealed record QuickstartOptions
{
    /// <summary>The CSV file with the columns of the Wisconsin data, in any order.</summary>
    /// <value>The copy that comes with the program.</value>
    public string DataFile { get; init; } = Path.Combine(AppContext.BaseDirectory, "data", "breast_cancer.csv");

    /// <summary>How many workers train together, one CPU each.</summary>
    public int Workers { get; init; } = 2;

    /// <summary>How many trials the search makes.</summary>
    public int Samples { get; init; } = 5;

    /// <summary>Seeds the split, the weights, the order of the rows and the search.</summary>
    public int Seed { get; init; } = 7;
}
