using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Net;

namespace Air.Orleans.Cluster.Tests;

/// <summary>
/// Hosts on one switch, to which this machine belongs too: network namespaces, made by iproute2 as root, with names that hold this process's
/// id. Those that a killed process left behind are removed by the next.
/// </summary>
internal sealed class NetworkHosts : IAsyncDisposable
{
    private const string Prefix = "airh";

    private static int _count;

    private readonly string _bridge;
    private readonly string _folder = Directory.CreateTempSubdirectory("air-hosts-").FullName;
    private readonly List<NetworkHost> _hosts = [];

    private NetworkHosts(string bridge) => _bridge = bridge;

    public NetworkHost this[int index] => _hosts[index];

    public static async Task<NetworkHosts> StartAsync(int count = 2)
    {
        await RemoveOrphansAsync();
        // An interface's name has at most 15 characters.
        var number = Interlocked.Increment(ref _count);
        var name = $"{Prefix}{Environment.ProcessId.ToString("x", CultureInfo.InvariantCulture)}x{number:x}";
        var hosts = new NetworkHosts(name);
        try
        {
            // Of the block for benchmarks between networks, 198.18.0.0/15, which no network uses.
            var net = $"198.18.{(Environment.ProcessId + number) % 256}";
            await RunAsync("ip", "link", "add", name, "type", "bridge");
            await RunAsync("ip", "addr", "add", $"{net}.254/24", "dev", name);
            await RunAsync("ip", "link", "set", name, "up");
            for (var i = 1; i <= count; i++)
            {
                await hosts.AddAsync($"{name}n{i}", $"{net}.{i}");
            }

            return hosts;
        }
        catch
        {
            await hosts.DisposeAsync();
            throw;
        }
    }

    /// <summary>Runs a command to its end.</summary>
    /// <exception cref="InvalidOperationException">It failed.</exception>
    public static async Task RunAsync(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        using var process = Process.Start(start) ?? throw new Win32Exception();
        var error = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"'{program} {string.Join(' ', arguments)}' failed: {error}");
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var host in _hosts)
        {
            // The link too: the namespace goes only with the last process in it.
            await TryAsync("link", "del", host.Name);
            await TryAsync("netns", "del", host.Name);
        }

        await TryAsync("link", "del", _bridge);
        Directory.Delete(_folder, recursive: true);
    }

    private async Task AddAsync(string name, string address)
    {
        var folder = Directory.CreateDirectory(Path.Combine(_folder, name)).FullName;
        await RunAsync("ip", "netns", "add", name);
        _hosts.Add(new NetworkHost(name, IPAddress.Parse(address), folder));
        await RunAsync("ip", "link", "add", name, "type", "veth", "peer", "name", "eth0", "netns", name);
        await RunAsync("ip", "link", "set", name, "master", _bridge, "up");
        await RunAsync("ip", "-n", name, "addr", "add", $"{address}/24", "dev", "eth0");
        await RunAsync("ip", "-n", name, "link", "set", "lo", "up");
        await RunAsync("ip", "-n", name, "link", "set", "eth0", "up");
    }

    private static async Task RemoveOrphansAsync()
    {
        const string Namespaces = "/run/netns";
        var names = Directory.Exists(Namespaces) ? Directory.GetFiles(Namespaces, $"{Prefix}*") : [];
        var links = Directory.GetDirectories("/sys/class/net", $"{Prefix}*");
        foreach (var path in names.Concat(links))
        {
            var name = Path.GetFileName(path);
            var id = name[Prefix.Length..].Split('x')[0];
            if (
                int.TryParse(id, NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var process)
                && !Directory.Exists($"/proc/{process}")
            )
            {
                await TryAsync(names.Contains(path) ? ["netns", "del", name] : ["link", "del", name]);
            }
        }
    }

    private static async Task TryAsync(params string[] arguments)
    {
        try
        {
            await RunAsync("ip", arguments);
        }
        catch (InvalidOperationException)
        {
            // It is gone already, or another run removes it.
        }
    }
}
