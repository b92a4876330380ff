using System.Globalization;
using Air.Orleans.Cluster.Tests.Security;

namespace Air.Orleans.Benchmarks;

/// <summary>A silo process under peers that mean no good, for minutes; what tests do for seconds.</summary>
internal static class FuzzBenchmark
{
    private const long MostBytes = 256L << 20;

    public static async Task RunAsync(string[] arguments)
    {
        var minutes = Value(arguments, "--minutes") ?? 5;
        var seed = (int)(Value(arguments, "--seed") ?? Environment.TickCount & 0xffff);
        var isSecure = !arguments.Contains("--plain");
        Console.WriteLine($"seed {seed}, {minutes} minutes, {(isSecure ? "TLS and secret" : "plain")}");
        try
        {
            var report = await FuzzedSilo.RunAsync(Report.Folder(), TimeSpan.FromMinutes(minutes), seed, isSecure);
            Console.WriteLine(
                $"{report.Connections:N0} connections on {report.Ports} ports; sockets {report.SocketsBefore} before, {report.SocketsAfter} after; "
                    + $"memory {report.MemoryGrown / 1e6:F0} MB more; slowest call {report.SlowestCall.TotalMilliseconds:F0} ms"
            );
            Environment.ExitCode = report.MemoryGrown < MostBytes ? 0 : 1;
        }
        catch (Exception error) when (error is InvalidOperationException or TimeoutException)
        {
            Console.WriteLine(error.Message);
            Environment.ExitCode = 1;
        }
    }

    private static double? Value(string[] arguments, string name)
    {
        var index = Array.IndexOf(arguments, name);
        return index >= 0 ? double.Parse(arguments[index + 1], CultureInfo.InvariantCulture) : null;
    }
}
