using System.Diagnostics;
using System.Net;

namespace Air.Orleans.Cluster.Tests;

/// <summary>
/// A host of a test's own: a network namespace with one interface, and, for the processes started in it, shared memory and a temporary folder
/// that no other host sees.
/// </summary>
internal sealed class NetworkHost(string name, IPAddress address, string folder)
{
    /// <summary>The namespace.</summary>
    public string Name => name;

    /// <summary>The address of its interface.</summary>
    public IPAddress Address => address;

    /// <summary>A command in the host, whose arguments the caller adds.</summary>
    public ProcessStartInfo Start(string program)
    {
        // 'ip netns exec' gives a mount namespace as well, in which /dev/shm is this host's alone.
        string[] arguments =
        [
            "netns",
            "exec",
            name,
            "sh",
            "-c",
            "mount -t tmpfs -o size=2g tmpfs /dev/shm && exec \"$@\"",
            "sh",
            program,
        ];
        var start = new ProcessStartInfo("ip", arguments);
        start.Environment["TMPDIR"] = folder;
        return start;
    }

    /// <summary>Plugs the host's cable in or out.</summary>
    public Task SetLinkAsync(bool isUp) =>
        NetworkHosts.RunAsync("ip", "-n", name, "link", "set", "eth0", isUp ? "up" : "down");

    /// <summary>Lets the host send no faster than that, such as "80mbit".</summary>
    public Task LimitAsync(string rate) =>
        NetworkHosts.RunAsync(
            "tc",
            "-n",
            name,
            "qdisc",
            "replace",
            "dev",
            "eth0",
            "root",
            "tbf",
            "rate",
            rate,
            "burst",
            "256kb",
            "latency",
            "100ms"
        );
}
