using Air.Orleans.Cluster.Tests.Leases;

namespace Air.Orleans.Cluster.Tests;

/// <summary>What this assembly does as a process of its own: it is a client that holds a lease until it is killed.</summary>
internal static class Program
{
    public static async Task<int> Main(string[] args)
    {
        if (args is not ["hold-lease", var cluster, var resources])
        {
            return 2;
        }

        await ClientProcess.HoldAsync(cluster, resources);
        return 0;
    }
}
