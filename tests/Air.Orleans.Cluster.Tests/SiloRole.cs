namespace Air.Orleans.Cluster.Tests;

/// <summary>A silo that is to be killed: the one where a grain of this type stands.</summary>
/// <param name="GrainType">The grain's type.</param>
/// <param name="Step">The step of the quick start in which the silo is killed.</param>
/// <param name="After">How far the step is then; null is as soon as there is such a grain.</param>
/// <param name="Since">Only grains that came to be in this step or later count; null is any.</param>
/// <param name="IsReplaced">Whether a new silo takes its place at once, not only when the quick start has ended.</param>
/// <param name="KeyEnd">How the grain's key ends.</param>
internal sealed record SiloRole(
    string GrainType,
    string Step,
    double? After = null,
    string? Since = null,
    bool IsReplaced = false,
    string KeyEnd = ""
);
