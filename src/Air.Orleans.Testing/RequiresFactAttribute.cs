using Air.Orleans.Testing.Servers;
using Xunit.Sdk;

namespace Air.Orleans.Testing;

/// <summary>
/// A fact that is skipped, with the reason, where a server that it needs is not installed: one that is named here, or by a
/// <see cref="RequiresAttribute"/> on the class that runs the test. Inherited tests so need what the class at hand needs.
/// </summary>
[XunitTestCaseDiscoverer("Air.Orleans.Testing.RequiresFactDiscoverer", "Air.Orleans.Testing")]
[AttributeUsage(AttributeTargets.Method)]
public sealed class RequiresFactAttribute : FactAttribute
{
    /// <summary>Creates the mark.</summary>
    /// <param name="servers">The servers that this test needs, besides those of its class.</param>
    public RequiresFactAttribute(params ServerKind[] servers) => Skip = ServerPrograms.SkipReason(servers);
}
