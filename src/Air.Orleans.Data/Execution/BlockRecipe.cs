using Air.Orleans.Data.Plans;

namespace Air.Orleans.Data.Execution;

/// <summary>How one block comes about: its source, and the operators that follow. A block that is lost is made again by it.</summary>
[GenerateSerializer, Immutable, Alias("air.data.BlockRecipe")]
internal sealed record BlockRecipe([property: Id(0)] BlockSource Source, [property: Id(1)] BlockOperator[] Operators);

/// <summary>Where the rows of a block come from.</summary>
[GenerateSerializer, Immutable, Alias("air.data.BlockSource")]
internal abstract record BlockSource;

/// <summary>A range of a CSV file, cut between records.</summary>
[GenerateSerializer, Immutable, Alias("air.data.CsvBlockSource")]
internal sealed record CsvBlockSource(
    [property: Id(0)] string FilePath,
    [property: Id(1)] long FileBytes,
    [property: Id(2)] DateTime FileTime,
    [property: Id(3)] long Offset,
    [property: Id(4)] int Length,
    [property: Id(5)] long FirstLineNumber,
    [property: Id(6)] long Rows,
    [property: Id(7)] string[] ColumnNames,
    [property: Id(8)] int[] ColumnTypes,
    [property: Id(9)] CsvSettings Settings
) : BlockSource;

/// <summary>Some of the numbers of a range.</summary>
[GenerateSerializer, Immutable, Alias("air.data.RangeBlockSource")]
internal sealed record RangeBlockSource([property: Id(0)] long Start, [property: Id(1)] int Count) : BlockSource;

/// <summary>
/// Rows of the blocks of another run: those at the places from <paramref name="Start"/> on, in the order of the input, or of the
/// shuffle that the seed gives. It names its inputs by what does not change, their plan and number, so a recipe stays good when
/// they are lost.
/// </summary>
/// <param name="Input">The plan of the input.</param>
/// <param name="InputRows">How many rows each block of the input has.</param>
/// <param name="Start">The first place.</param>
/// <param name="Count">How many places.</param>
/// <param name="ShuffleSeed">Seeds the order of all rows of the input; null leaves it.</param>
[GenerateSerializer, Immutable, Alias("air.data.GatherBlockSource")]
internal sealed record GatherBlockSource(
    [property: Id(0)] PlanNode Input,
    [property: Id(1)] int[] InputRows,
    [property: Id(2)] long Start,
    [property: Id(3)] int Count,
    [property: Id(4)] int? ShuffleSeed
) : BlockSource
{
    /// <summary>The blocks of the input from which rows are taken: all where they are shuffled, else those that the places lie in.</summary>
    public (int First, int Count) NeededInputs() =>
        ShuffleSeed is null ? SplitPlan.Inputs(InputRows, Start, Count) : (0, InputRows.Length);
}
