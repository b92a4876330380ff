using System.Globalization;
using Air.Orleans.Cluster.Tests.Blocks;
using Air.Orleans.Cluster.Tests.Hosts;
using Air.Orleans.Cluster.Tests.Leases;

namespace Air.Orleans.Cluster.Tests;

/// <summary>
/// What this assembly does as a process of its own: it is a client that holds a lease, or puts or reads blocks, or the data plane of a silo,
/// until it is killed.
/// </summary>
internal static class Program
{
    public static async Task<int> Main(string[] args)
    {
        switch (args)
        {
            case ["hold-lease", var cluster, var resources]:
                await ClientProcess.HoldAsync(cluster, resources);
                return 0;
            case ["put-blocks", var cluster, var count]:
                await BlockPutter.RunAsync(cluster, int.Parse(count, CultureInfo.InvariantCulture));
                return 0;
            case ["read-blocks", var cluster, var list, var seed]:
                await BlockReader.RunAsync(cluster, list, int.Parse(seed, CultureInfo.InvariantCulture));
                return 0;
            case ["far-blocks", var cluster]:
                await FarClient.RunAsync(cluster);
                return 0;
            case [DataHolder.Verb, var address, var megabytes]:
                await DataHolder.HoldAsync(address, megabytes);
                return 0;
            default:
                return 2;
        }
    }
}
