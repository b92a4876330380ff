using Air.Orleans.Core.Blocks.Arena;
using Air.Orleans.Core.Blocks.Control;

namespace Air.Orleans.Core.Blocks;

/// <summary>How room is found for a block, and waited for.</summary>
internal sealed partial class BlockStore
{
    /// <summary>How long one waits for leases to end where they hold all of the memory.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>The end of another process's lease is seen only by looking.</summary>
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(20);

    /// <summary>How seldom those look who have waited for a while: there may be many.</summary>
    private static readonly TimeSpan SeldomLook = TimeSpan.FromMilliseconds(200);

    private readonly ManualResetEventSlim _changed = new();
    private readonly Dictionary<Guid, string> _waiting = [];
    private TaskCompletionSource _change = NewChange();

    /// <summary>Room for a block; the thread that calls waits for it, so that it is no <see cref="BlockThreads"/> one. Blocking.</summary>
    private BlockPlace Allocate(Guid id, int length, int pad)
    {
        var began = _time.GetTimestamp();
        try
        {
            while (true)
            {
                _changed.Reset();
                if (TryMakeRoom(id, length, pad) is { } place)
                {
                    return place;
                }

                NoteWaiting(id, length, pad, began);
                _changed.Wait(Look);
            }
        }
        finally
        {
            ForgetWaiting(id);
        }
    }

    /// <summary>Room for a block. No thread waits for it, so that others' blocks are read meanwhile however many wait.</summary>
    private async Task<BlockPlace> AllocateAsync(Guid id, int length, int pad, CancellationToken cancellationToken)
    {
        var began = _time.GetTimestamp();
        try
        {
            for (var look = Look; ; look = look < SeldomLook ? look * 2 : SeldomLook)
            {
                var change = Volatile.Read(ref _change).Task;
                var found = await _threads.RunAsync(
                    $"space for block {id:N}",
                    () => TryMakeRoom(id, length, pad),
                    cancellationToken
                );
                if (found is { } place)
                {
                    return place;
                }

                NoteWaiting(id, length, pad, began);
                using var waking = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
                await Task.WhenAny(change, Task.Delay(look, _time, waking.Token));
                await waking.CancelAsync();
            }
        }
        finally
        {
            ForgetWaiting(id);
        }
    }

    /// <summary>Room for a block, for which others leave memory where they can; null where none can now. Blocking, as it may write files.</summary>
    /// <exception cref="BlockSpaceException">It can never have room.</exception>
    private BlockPlace? TryMakeRoom(Guid id, int length, int pad)
    {
        var need = NeedOf(length, pad);
        if (ArenaAllocator.Rounded(need) > Arena.CapacityBytes)
        {
            ThrowIfNeverFits(need);
        }

        while (true)
        {
            if (Arena.TryAllocate(id, length, pad) is { } place)
            {
                return place;
            }

            if (!SendAway(need))
            {
                return null;
            }
        }
    }

    /// <exception cref="BlockSpaceException">It has waited long enough.</exception>
    private void NoteWaiting(Guid id, int length, int pad, long began)
    {
        var reason = WhyFull(NeedOf(length, pad));
        if (_time.GetElapsedTime(began) > Patience)
        {
            throw new BlockSpaceException(reason);
        }

        lock (_gate)
        {
            _waiting[id] = reason;
        }
    }

    private void ForgetWaiting(Guid id)
    {
        lock (_gate)
        {
            _waiting.Remove(id);
        }
    }

    /// <summary>Wakes those who wait for room.</summary>
    private void SetChanged()
    {
        _changed.Set();
        Interlocked.Exchange(ref _change, NewChange()).TrySetResult();
    }

    private void ThrowIfNeverFits(long need)
    {
        if (need > _budgetBytes)
        {
            throw new BlockSpaceException(
                $"A block of {need} bytes can never have room: the silo's budget for blocks is {_budgetBytes} bytes. "
                    + "Make smaller blocks, or start the silo with a larger AirOptions.BlockMemoryBytes (--block-memory)."
            );
        }
    }

    private string WhyFull(long need)
    {
        lock (_gate)
        {
            var where = Arena.IsFolderFull
                ? $"'{_folder}' is full, below the budget of {_budgetBytes} bytes: {Arena.CapacityBytes} bytes of it could be had"
                : $"the budget for blocks is {_budgetBytes} bytes";
            return $"A block of {need} bytes has no room: {where}, {Arena.UsedBytes} bytes are in use, of which blocks that are being read or written "
                + $"here take {_pinnedBytes + _writing.Values.Sum(static entry => entry.Place.Span)} and blocks that other processes read, or freed ones that they still read, the rest; the longest free piece "
                + $"is too short. Dispose leases that are not needed, make smaller blocks, or give the silo more memory for blocks.";
        }
    }

    private static long NeedOf(int length, int pad) => SegmentHeader.BlockBytes + (long)pad + length;

    private static TaskCompletionSource NewChange() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
