using Air.Orleans.Core.Compute;

namespace Air.Orleans.Core.Jobs;

/// <summary>
/// The threads of a silo's jobs: two that make and remove their folders, which takes long for a large bundle, and two for what they write, which
/// should be there at once. Thread-safe.
/// </summary>
internal sealed class JobThreads(TimeProvider time) : IDisposable
{
    private const int Parallelism = 2;

    private readonly Lazy<ComputeSlots> _folders = new(() => new ComputeSlots(Parallelism, time, "air-job"));
    private readonly Lazy<ComputeSlots> _logs = new(() => new ComputeSlots(Parallelism, time, "air-job-log"));

    /// <summary>Does work with a job's folder.</summary>
    /// <exception cref="ObjectDisposedException">The silo is stopping.</exception>
    public Task<T> FolderAsync<T>(string name, Func<CancellationToken, T> work, CancellationToken cancellationToken) =>
        _folders.Value.RunAsync(name, context => work(context.CancellationToken), cancellationToken);

    /// <summary>Writes, reads or deletes what a job wrote.</summary>
    /// <exception cref="ObjectDisposedException">The silo is stopping.</exception>
    public Task<T> LogAsync<T>(string name, Func<T> work, CancellationToken cancellationToken) =>
        _logs.Value.RunAsync(name, _ => work(), cancellationToken);

    public void Dispose()
    {
        foreach (var slots in new[] { _folders, _logs })
        {
            if (slots.IsValueCreated)
            {
                slots.Value.Dispose();
            }
        }
    }
}
