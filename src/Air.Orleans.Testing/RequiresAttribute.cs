using Air.Orleans.Testing.Servers;

namespace Air.Orleans.Testing;

/// <summary>Says which servers all tests of a class need; those marked with <see cref="RequiresFactAttribute"/> heed it.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class RequiresAttribute(params ServerKind[] servers) : Attribute
{
    /// <summary>The servers.</summary>
    public IReadOnlyList<ServerKind> Servers { get; } = servers;
}
