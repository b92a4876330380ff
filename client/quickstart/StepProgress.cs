namespace Air.Orleans.Quickstart;

/// <summary>
/// Tells of each report before the work goes on. <see cref="Progress{T}"/> hands reports to the thread pool where there is no
/// synchronization context, so that the last ones may come after their step has ended.
/// </summary>
internal sealed class StepProgress<T>(Action<T> tell) : IProgress<T>
{
    public void Report(T value) => tell(value);
}
