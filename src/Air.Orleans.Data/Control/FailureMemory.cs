using System.Runtime.ExceptionServices;

namespace Air.Orleans.Data.Control;

/// <summary>Keeps a lasting failure for a while, so that all who ask meanwhile get it without the work being done again.</summary>
internal sealed class FailureMemory(TimeProvider time)
{
    /// <summary>How long; then the cause may have been removed (a file that was not there, say), and one who asks has it tried.</summary>
    public static readonly TimeSpan Duration = TimeSpan.FromSeconds(30);

    private ExceptionDispatchInfo? _failure;
    private long _since;

    public void Remember(Exception failure)
    {
        _failure = ExceptionDispatchInfo.Capture(failure);
        _since = time.GetTimestamp();
    }

    /// <summary>Raises the failure that is remembered, if there is one.</summary>
    public void ThrowIfAny()
    {
        if (_failure is null)
        {
            return;
        }

        if (time.GetElapsedTime(_since) < Duration)
        {
            _failure.Throw();
        }

        _failure = null;
    }
}
