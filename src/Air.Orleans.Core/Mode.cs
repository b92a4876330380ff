namespace Air.Orleans.Core;

/// <summary>Which values of a metric are the better ones.</summary>
public enum Mode
{
    /// <summary>Smaller is better, as of a loss.</summary>
    Min,

    /// <summary>Larger is better, as of an accuracy.</summary>
    Max,
}
