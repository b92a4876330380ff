using Xunit.Abstractions;
using Xunit.Sdk;

namespace Air.Orleans.Testing;

/// <summary>Finds the tests with <see cref="RequiresFactAttribute"/>; xunit creates it by name.</summary>
internal sealed class RequiresFactDiscoverer(IMessageSink messages) : FactDiscoverer(messages)
{
    protected override IXunitTestCase CreateTestCase(
        ITestFrameworkDiscoveryOptions discoveryOptions,
        ITestMethod testMethod,
        IAttributeInfo factAttribute
    ) =>
        new RequiringTestCase(
            DiagnosticMessageSink,
            discoveryOptions.MethodDisplayOrDefault(),
            discoveryOptions.MethodDisplayOptionsOrDefault(),
            testMethod
        );
}
