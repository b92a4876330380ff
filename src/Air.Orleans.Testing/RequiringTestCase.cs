using System.ComponentModel;
using Air.Orleans.Testing.Servers;
using Xunit.Abstractions;
using Xunit.Sdk;

namespace Air.Orleans.Testing;

/// <summary>A test that asks, besides its own mark, the class it runs in for the servers that it needs.</summary>
internal sealed class RequiringTestCase : XunitTestCase
{
    /// <summary>For xunit, which fills it by deserialization.</summary>
    [EditorBrowsable(EditorBrowsableState.Never)]
    [Obsolete("Called by xunit.")]
    public RequiringTestCase() { }

    public RequiringTestCase(
        IMessageSink messages,
        TestMethodDisplay display,
        TestMethodDisplayOptions displayOptions,
        ITestMethod method
    )
        : base(messages, display, displayOptions, method) { }

    protected override string? GetSkipReason(IAttributeInfo factAttribute) =>
        base.GetSkipReason(factAttribute) ?? OfClass();

    private string? OfClass() =>
        ServerPrograms.SkipReason(
            TestMethod
                .TestClass.Class.GetCustomAttributes(typeof(RequiresAttribute).AssemblyQualifiedName)
                .OfType<ReflectionAttributeInfo>()
                .Select(static attribute => attribute.Attribute)
                .OfType<RequiresAttribute>()
                .SelectMany(static attribute => attribute.Servers)
        );
}
