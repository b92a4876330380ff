using Air.Orleans.Kernels.Columns;

namespace Air.Orleans.Data.Grains;

/// <summary>The moments of a column, as they travel.</summary>
[GenerateSerializer, Immutable, Alias("air.data.Moments")]
internal sealed record MomentsImage(
    [property: Id(0)] long Count,
    [property: Id(1)] long Nulls,
    [property: Id(2)] double Mean,
    [property: Id(3)] double M2,
    [property: Id(4)] double Min,
    [property: Id(5)] double Max
)
{
    public static MomentsImage From(Moments moments) =>
        new(moments.Count, moments.Nulls, moments.Mean, moments.M2, moments.Min, moments.Max);

    public Moments ToMoments() => new(Count, Nulls, Mean, M2, Min, Max);
}
