using System.Runtime.InteropServices;

namespace Air.Orleans.Silo.Running;

/// <summary>
/// The wishes of the system that this process ends: the first, by SIGTERM, SIGINT or SIGQUIT, begins the drain; the second ends the process
/// at once.
/// </summary>
internal sealed class StopSignals : IDisposable
{
    private readonly CancellationTokenSource _first = new();
    private readonly List<PosixSignalRegistration> _registrations = [];
    private int _count;

    public StopSignals()
    {
        foreach (var signal in new[] { PosixSignal.SIGTERM, PosixSignal.SIGINT, PosixSignal.SIGQUIT })
        {
            _registrations.Add(PosixSignalRegistration.Create(signal, Handle));
        }
    }

    /// <summary>Is cancelled by the first.</summary>
    public CancellationToken Stopping => _first.Token;

    public void Dispose()
    {
        _registrations.ForEach(static registration => registration.Dispose());
        _first.Dispose();
    }

    private void Handle(PosixSignalContext context)
    {
        context.Cancel = true;
        if (Interlocked.Increment(ref _count) == 1)
        {
            _first.Cancel();
            return;
        }

        // 128 and the number of the signal, as a shell tells of a process that a signal ended.
        Environment.Exit(128 + (context.Signal == PosixSignal.SIGTERM ? 15 : 2));
    }
}
