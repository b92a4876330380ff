using System.Diagnostics;
using System.Net;
using Air.Orleans.Core;
using Air.Orleans.Core.Security;

namespace Air.Orleans.Cluster.Tests.Security;

/// <summary>A silo in a process of its own under <see cref="PeerFuzz"/>, and what became of it.</summary>
internal static class FuzzedSilo
{
    private static readonly TimeSpan CallEvery = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan CallLimit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Settling = TimeSpan.FromMinutes(1);

    /// <summary>Runs for so long, with the silo with or without TLS and secret; throws where it dies, does not answer or leaks.</summary>
    /// <exception cref="InvalidOperationException">It does; the message says what was found.</exception>
    public static async Task<FuzzReport> RunAsync(string folder, TimeSpan duration, int seed, bool isSecure)
    {
        var (certs, others) = (Path.Combine(folder, "certs"), Path.Combine(folder, "others"));
        SecurityFolder.Create(certs, [], days: 2, force: true, TimeProvider.System);
        SecurityFolder.Create(others, [], days: 2, force: true, TimeProvider.System);
        var (member, stranger) = (OfFolder(certs), OfFolder(others));
        var cluster = ClusterUri.OfFolder(Path.Combine(folder, "cluster")).ToString();
        await using var silo = await SiloProcess.StartAsync(
            cluster,
            arguments: ["--flight-port", "0", .. isSecure ? new[] { "--tls", certs } : []]
        );
        await using var air = await AirCluster.ConnectAsync(
            cluster,
            timeout: SiloProcess.StartLimit,
            security: isSecure ? member : new SecurityOptions()
        );
        var ports = ProcessSockets.ListeningOf(silo.ProcessId);
        if (ports.Count < 6 || ports.Any(static port => !IPAddress.IsLoopback(port.Address)))
        {
            throw new InvalidOperationException($"The silo listens on {string.Join(", ", ports)}.");
        }

        var fuzz = new PeerFuzz(ports, Load(member), Load(stranger), seed);
        // Memory and threads grow to what this load needs once; what is looked for is what goes on growing.
        await FuzzAsync(fuzz, duration / 3, () => CallAsync(air));
        var (sockets, memory) = (await SettledAsync(silo, int.MaxValue), ProcessSockets.MemoryOf(silo.ProcessId));
        var slowest = await FuzzAsync(fuzz, duration * 2 / 3, () => CallAsync(air));
        var after = await SettledAsync(silo, sockets);
        var grown = ProcessSockets.MemoryOf(silo.ProcessId) - memory;
        if (silo.HasExited || after > sockets)
        {
            throw new InvalidOperationException(
                $"The silo {(silo.HasExited ? "has ended" : $"has {after} sockets open, and had {sockets}")} (seed {seed}):\n{silo.Output}"
            );
        }

        return new FuzzReport(fuzz.Connections, ports.Count, sockets, after, grown, slowest);
    }

    private static async Task<TimeSpan> FuzzAsync(PeerFuzz fuzz, TimeSpan duration, Func<Task> call)
    {
        using var ending = new CancellationTokenSource(duration);
        var fuzzing = fuzz.RunAsync(ending.Token);
        var slowest = TimeSpan.Zero;
        while (!fuzzing.IsCompleted)
        {
            var watch = Stopwatch.StartNew();
            await call().WaitAsync(CallLimit);
            slowest = watch.Elapsed > slowest ? watch.Elapsed : slowest;
            await Task.WhenAny(fuzzing, Task.Delay(CallEvery));
        }

        await fuzzing;
        return slowest;
    }

    private static async Task CallAsync(AirCluster air)
    {
        var silos = await air.Silos.ListAsync();
        if (silos.Count != 1)
        {
            throw new InvalidOperationException($"{silos.Count} silos answer.");
        }
    }

    /// <summary>How many sockets are open when those of the peers have ended; waits until there are no more than <paramref name="most"/>.</summary>
    private static async Task<int> SettledAsync(SiloProcess silo, int most)
    {
        var watch = Stopwatch.StartNew();
        var (last, since) = (int.MaxValue, Stopwatch.StartNew());
        while (true)
        {
            var now = ProcessSockets.CountOf(silo.ProcessId);
            if (now != last)
            {
                (last, since) = (now, Stopwatch.StartNew());
            }

            // Handshakes that nobody goes on with end after ten seconds.
            if (since.Elapsed > TimeSpan.FromSeconds(12) && (now <= most || watch.Elapsed > Settling))
            {
                return now;
            }

            if (now <= most && most != int.MaxValue)
            {
                return now;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(200));
        }
    }

    private static SecurityOptions OfFolder(string folder) =>
        new()
        {
            Certificate = Path.Combine(folder, "silo.pem"),
            Key = Path.Combine(folder, "silo.key"),
            Authority = Path.Combine(folder, "authority.pem"),
            SecretFile = Path.Combine(folder, "secret"),
        };

    private static ClusterSecurity Load(SecurityOptions options) =>
        SecurityLoader.Load(options, isSilo: true, TimeProvider.System);
}

/// <summary>What was done to a silo, and what it held before and after.</summary>
internal sealed record FuzzReport(
    int Connections,
    int Ports,
    int SocketsBefore,
    int SocketsAfter,
    long MemoryGrown,
    TimeSpan SlowestCall
);
