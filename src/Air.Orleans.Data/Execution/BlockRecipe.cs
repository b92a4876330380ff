using Air.Orleans.Core.Blocks;
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
/// Rows of other blocks: those at the places from <paramref name="Start"/> on, in the order of the input, or of the shuffle
/// that the seed gives.
/// </summary>
[GenerateSerializer, Immutable, Alias("air.data.GatherBlockSource")]
internal sealed record GatherBlockSource(
    [property: Id(0)] BlockTicket[] Inputs,
    [property: Id(1)] long Start,
    [property: Id(2)] int Count,
    [property: Id(3)] int? ShuffleSeed
) : BlockSource;
