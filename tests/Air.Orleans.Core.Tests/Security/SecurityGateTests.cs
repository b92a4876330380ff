using System.Net;
using Air.Orleans.Core.Security;

namespace Air.Orleans.Core.Tests.Security;

public sealed class SecurityGateTests
{
    private static readonly IPAddress Elsewhere = IPAddress.Parse("10.0.0.5");
    private static readonly string Hash = new('a', 64);

    [Fact]
    public void Code_OnLoopback_IsTaken()
    {
        var gate = new SecurityGate(ClusterSecurity.None, IPAddress.Loopback);

        gate.ThrowIfBundleRefused("The bundle", Hash);
        gate.ThrowIfImageRefused("The loop", "My.Loops");
    }

    [Fact]
    public void Code_WhereNobodyProvesAnything_IsRefused()
    {
        // Also where the network is said to be trusted: that is for reading and writing, not for code.
        var gate = new SecurityGate(
            ClusterSecurity.None with
            {
                Options = new SecurityOptions { AllowInsecure = true },
            },
            Elsewhere
        );

        var error = Assert.Throws<AirException>(() => gate.ThrowIfBundleRefused("The bundle of job j", Hash));
        Assert.StartsWith("The bundle of job j is refused", error.Message, StringComparison.Ordinal);
        Assert.Contains("air certs", error.Message, StringComparison.Ordinal);
        Assert.Throws<AirException>(() => gate.ThrowIfImageRefused("The loop", "My.Loops"));
    }

    [Fact]
    public void Code_WhereConnectionsProveTheSecret_IsTaken()
    {
        var gate = new SecurityGate(
            ClusterSecurity.None with
            {
                Secret = ClusterSecret.Of(new string('s', 40)),
            },
            Elsewhere
        );

        gate.ThrowIfBundleRefused("The bundle", Hash);
        gate.ThrowIfImageRefused("The loop", "My.Loops");
    }

    [Fact]
    public void Code_NotInTheAllowedList_IsRefusedByHashOrAssembly()
    {
        var gate = new SecurityGate(
            ClusterSecurity.None with
            {
                Options = new SecurityOptions { AllowedCode = [Hash, "My.Loops"] },
            },
            IPAddress.Loopback
        );

        gate.ThrowIfBundleRefused("The bundle", Hash.ToUpperInvariant());
        gate.ThrowIfImageRefused("The loop", "My.Loops");
        var error = Assert.Throws<AirException>(() => gate.ThrowIfBundleRefused("The bundle", new string('b', 64)));
        Assert.Contains("Air:Security:AllowedCode", error.Message, StringComparison.Ordinal);
        Assert.Throws<AirException>(() => gate.ThrowIfImageRefused("The loop", "Other.Loops"));
    }
}
