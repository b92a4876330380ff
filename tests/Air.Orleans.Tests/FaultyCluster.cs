using System.Reflection;
using Air.Orleans.Core;
using Air.Orleans.Core.Clustering.Membership;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Air.Orleans.Tests;

/// <summary>Silos in this process between which some calls, or their answers, are lost or late: the same ones for the same seed and order.</summary>
internal sealed class FaultyCluster : IAirCluster
{
    private readonly List<IHost> _silos = [];

    private FaultyCluster(int seed) => Faults = new CallFaults(seed);

    public CallFaults Faults { get; }

    public IServiceProvider Services => _silos[0].Services;

    public static async Task<FaultyCluster> StartAsync(string folder, int silos, int seed)
    {
        var cluster = new FaultyCluster(seed);
        var table = new MemoryMembershipTable();
        for (var i = 0; i < silos; i++)
        {
            var host = Build(cluster.Faults, folder, table);
            cluster._silos.Add(host);
            await host.StartAsync();
        }

        return cluster;
    }

    public async ValueTask DisposeAsync()
    {
        Faults.Share = 0;
        foreach (var silo in Enumerable.Reverse(_silos))
        {
            await silo.StopAsync();
            silo.Dispose();
        }
    }

    private static IHost Build(CallFaults faults, string folder, MemoryMembershipTable table)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Logging.SetMinimumLevel(LogLevel.None);
        builder.Services.Configure<HostOptions>(static host => host.ShutdownTimeout = TimeSpan.FromSeconds(2));
        builder.UseOrleans(silo =>
            silo.UseMemoryCluster(table, "faulty")
                .AddIncomingGrainCallFilter(faults)
                .AddAir(
                    new()
                    {
                        StorageFolder = folder,
                        Resources = new() { Cpu = 2 },
                    }
                )
        );
        return builder.Build();
    }
}

/// <summary>Loses requests and answers of calls between grains of Air.Orleans, and delays others. Thread-safe.</summary>
internal sealed class CallFaults(int seed) : IIncomingGrainCallFilter
{
    private readonly Lock _lock = new();
    private readonly Random _random = new(seed);
    private int _lost;

    /// <summary>The share of requests that is lost, and of answers, and of calls that are late.</summary>
    public double Share { get; set; }

    /// <summary>The share of one method, by name, instead.</summary>
    public Dictionary<string, double> ShareOf { get; } = [];

    public int Lost => Volatile.Read(ref _lost);

    public async Task Invoke(IIncomingGrainCallContext context)
    {
        if (Share <= 0 || !IsOurs(context.InterfaceMethod))
        {
            await context.Invoke();
            return;
        }

        var share = ShareOf.GetValueOrDefault(context.InterfaceMethod.Name, Share);
        if (Draw() < share)
        {
            Interlocked.Increment(ref _lost);
            var what = $"Seed {seed} lost a request to {context.InterfaceMethod.Name}.";
            throw Draw() < 0.5 ? new SiloUnavailableException(what) : new OperationCanceledException(what);
        }

        if (Draw() < share)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20 * Draw()));
        }

        await context.Invoke();
        if (Draw() < share)
        {
            Interlocked.Increment(ref _lost);
            throw new TimeoutException($"Seed {seed} lost an answer of {context.InterfaceMethod.Name}.");
        }
    }

    private static bool IsOurs(MethodInfo? method) =>
        method?.DeclaringType?.Namespace?.StartsWith("Air.Orleans", StringComparison.Ordinal) ?? false;

    private double Draw()
    {
        lock (_lock)
        {
            return _random.NextDouble();
        }
    }
}
