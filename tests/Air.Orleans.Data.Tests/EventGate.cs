namespace Air.Orleans.Data.Tests;

/// <summary>Holds up a function of a dataset until the test is over. It is found by a path, as functions travel.</summary>
internal sealed class EventGate(string path) : IDisposable
{
    private static readonly System.Collections.Concurrent.ConcurrentDictionary<string, ManualResetEventSlim> Gates =
        new();

    public string Path => path;

    public static void Wait(string path) => Gates.GetOrAdd(path, static _ => new()).Wait(TimeSpan.FromMinutes(3));

    public void Dispose() => Gates.GetOrAdd(path, static _ => new()).Set();
}
