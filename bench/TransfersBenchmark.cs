using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Air.Orleans.Cluster.Tests;
using Air.Orleans.Core.DataPlane;
using Air.Orleans.Core.Security;
using Air.Orleans.Core.Tests.DataPlane;

namespace Air.Orleans.Benchmarks;

/// <summary>
/// 512 MB from a process in a network namespace to this one: over the data plane, plain and with TLS, and over a plain socket by which the other
/// end writes the same memory. Needs root and iproute2.
/// </summary>
internal static class TransfersBenchmark
{
    /// <summary>What the sending process is called with.</summary>
    public const string FarVerb = "transfers-hold";

    private const int Bytes = 512 << 20;
    private const int SmallBytes = 1 << 20;
    private const int Rounds = 7;
    private const int SmallCalls = 200;

    public static async Task RunAsync()
    {
        await using var hosts = await NetworkHosts.StartAsync(1);
        var folder = Report.Folder();
        using (var certificates = new TestCertificates())
        {
            certificates.Save(folder);
        }

        using var far = StartFar(hosts[0], folder);
        try
        {
            var places = (await far.StandardOutput.ReadLineAsync())!.Split(' ');
            var (plain, encrypted) = (EndpointOf(places, 0), EndpointOf(places, 3));
            var socket = new IPEndPoint(hosts[0].Address, int.Parse(places[6], CultureInfo.InvariantCulture));
            await MeasureAsync(plain, encrypted, socket, TestCertificates.Load(folder));
        }
        finally
        {
            far.Kill();
            await far.WaitForExitAsync();
        }
    }

    /// <summary>The sending end: holds the content, says where, and serves until it is killed.</summary>
    public static async Task HoldAsync(string address, string folder)
    {
        var source = new HeldBytes();
        var content = HeldBytes.Noise(Bytes);
        source.Hold("large", content);
        source.Hold("small", HeldBytes.Noise(SmallBytes));
        var host = IPAddress.Parse(address);
        await using var plain = await DataPlaneHost.StartAsync(source, new DataLimits(), address: host);
        await using var encrypted = await DataPlaneHost.StartAsync(
            source,
            new DataLimits(),
            TestCertificates.Load(folder),
            address: host
        );
        using var listener = new TcpListener(host, 0);
        listener.Start();
        await Console.Out.WriteLineAsync(
            $"{Text(plain.Endpoint)} {Text(encrypted.Endpoint)} {((IPEndPoint)listener.LocalEndpoint).Port}"
        );
        while (true)
        {
            using var client = await listener.AcceptSocketAsync();
            for (var rest = content.AsMemory(); rest.Length > 0; )
            {
                rest = rest[await client.SendAsync(rest[..Math.Min(256 << 10, rest.Length)], SocketFlags.None)..];
            }
        }
    }

    private static async Task MeasureAsync(
        DataEndpoint plain,
        DataEndpoint encrypted,
        IPEndPoint socket,
        ClusterTls tls
    )
    {
        var memory = GC.AllocateArray<byte>(Bytes, pinned: true);
        var expected = HeldBytes.Noise(Bytes);
        using var one = NewClient(ClusterTls.Off, 1);
        using var two = NewClient(ClusterTls.Off, 2);
        using var four = NewClient(ClusterTls.Off, 4);
        using var secret = NewClient(tls, 4);
        (string Name, Func<Task> Run)[] ways =
        [
            ("plain socket, one connection", () => ReceiveAsync(socket, memory)),
            ("data plane, 1 connection", () => FetchAsync(one, plain, "large", memory)),
            ("data plane, 2 connections", () => FetchAsync(two, plain, "large", memory)),
            ("data plane, 4 connections (the default)", () => FetchAsync(four, plain, "large", memory)),
            ("data plane, 4 connections, TLS", () => FetchAsync(secret, encrypted, "large", memory)),
        ];
        var seconds = ways.Select(static _ => new List<double>()).ToList();
        var allocated = new long[ways.Length];
        for (var round = 0; round <= Rounds; round++)
        {
            for (var i = 0; i < ways.Length; i++)
            {
                memory.AsSpan().Clear();
                var before = GC.GetTotalAllocatedBytes(precise: true);
                var watch = Stopwatch.StartNew();
                await ways[i].Run();
                var elapsed = watch.Elapsed.TotalSeconds;
                allocated[i] = GC.GetTotalAllocatedBytes(precise: true) - before;
                if (!memory.AsSpan().SequenceEqual(expected))
                {
                    throw new InvalidOperationException($"{ways[i].Name}: other bytes arrived than were sent.");
                }

                if (round > 0)
                {
                    seconds[i].Add(elapsed);
                }
            }
        }

        Report.Head("transfers");
        Console.WriteLine(
            $"{Bytes >> 20} MB from another network namespace over a bridge; medians of {Rounds} rounds, in turns; every byte compared."
        );
        Console.WriteLine();
        Console.WriteLine("| | ms | MB/s | of the plain socket | managed bytes of the client for each byte |");
        Console.WriteLine("|---|---|---|---|---|");
        var peer = Report.Median(seconds[0]);
        for (var i = 0; i < ways.Length; i++)
        {
            var median = Report.Median(seconds[i]);
            Console.WriteLine(
                $"| {ways[i].Name} | {median * 1000:F0} | {(Bytes >> 20) / median:F0} | {peer / median:F2} | {(double)allocated[i] / Bytes:F5} |"
            );
        }

        Console.WriteLine();
        Console.WriteLine(
            $"1 MB, one after the other, median of {SmallCalls}: plain {await SmallAsync(four, plain):F2} ms, TLS {await SmallAsync(secret, encrypted):F2} ms."
        );
    }

    private static async Task<double> SmallAsync(DataClient client, DataEndpoint endpoint)
    {
        var memory = new byte[SmallBytes];
        var times = new List<double>();
        for (var i = 0; i < SmallCalls; i++)
        {
            var watch = Stopwatch.StartNew();
            await FetchAsync(client, endpoint, "small", memory);
            times.Add(watch.Elapsed.TotalMilliseconds);
        }

        return Report.Median(times);
    }

    private static Task<Memory<byte>> FetchAsync(
        DataClient client,
        DataEndpoint endpoint,
        string name,
        byte[] memory
    ) =>
        client.FetchAsync(
            endpoint,
            $"test:{name}",
            _ => ValueTask.FromResult<Memory<byte>>(memory),
            CancellationToken.None
        );

    private static async Task ReceiveAsync(IPEndPoint endpoint, Memory<byte> memory)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(endpoint);
        while (memory.Length > 0)
        {
            var read = await socket.ReceiveAsync(memory[..Math.Min(256 << 10, memory.Length)], SocketFlags.None);
            memory = read > 0 ? memory[read..] : throw new EndOfStreamException();
        }
    }

    private static DataClient NewClient(ClusterTls tls, int parallel) =>
        new(tls, ClusterSecret.None, new DataLimits { Parallel = parallel }, TimeProvider.System);

    private static string Text(DataEndpoint endpoint) => $"{endpoint.Host} {endpoint.Port} {endpoint.Secret}";

    private static DataEndpoint EndpointOf(string[] parts, int first) =>
        new(parts[first], int.Parse(parts[first + 1], CultureInfo.InvariantCulture), parts[first + 2]);

    private static Process StartFar(NetworkHost host, string folder)
    {
        var start = host.Start("dotnet");
        (start.RedirectStandardInput, start.RedirectStandardOutput) = (true, true);
        start.ArgumentList.Add(typeof(TransfersBenchmark).Assembly.Location);
        start.ArgumentList.Add(FarVerb);
        start.ArgumentList.Add(host.Address.ToString());
        start.ArgumentList.Add(folder);
        return Process.Start(start)!;
    }
}
