using Air.Orleans.Core.Tests.Checkpoints;

namespace Air.Orleans.Core.Tests;

/// <summary>What this assembly does as a process of its own: it writes checkpoints until it is killed.</summary>
internal static class Program
{
    public static async Task<int> Main(string[] args)
    {
        if (args is not ["write-checkpoints", var folder])
        {
            return 2;
        }

        await CheckpointWriterProcess.RunAsync(folder);
        return 0;
    }
}
