using Air.Orleans.Core.Resources.Control;

namespace Air.Orleans.Core.Resources.Grains;

/// <summary>
/// The ledger's way to one silo: changes gather while a message is under way and go together in the next, so that a silo hears them in
/// order and each once. Used in the ledger's turns alone.
/// </summary>
internal sealed class SiloLink(SiloAddress silo)
{
    private List<OutgoingChange> _outbox = [];
    private TaskCompletionSource _written = NewSignal();

    public SiloAddress Silo { get; } = silo;

    public long Sequence { get; private set; }

    public bool IsSending { get; set; }

    public bool HasChanges => _outbox.Count > 0;

    /// <summary>Notes a change for the next message; the task ends when the silo has written it down or is lost.</summary>
    public Task Add(OutgoingChange change)
    {
        _outbox.Add(change);
        return _written.Task;
    }

    /// <summary>The next message, and what to set when it is written down.</summary>
    public (List<OutgoingChange> Changes, TaskCompletionSource Written) TakeMessage()
    {
        var message = (_outbox, _written);
        _outbox = [];
        _written = NewSignal();
        Sequence++;
        return message;
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}

/// <summary>A change for a silo, and the ledger's entry that it concerns; null where it knows none.</summary>
internal sealed record OutgoingChange(SiloChange Change, LedgerEntry<SiloAddress>? Entry, int Bundle);
