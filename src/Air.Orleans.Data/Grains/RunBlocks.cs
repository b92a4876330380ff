using Air.Orleans.Core.Blocks;
using Air.Orleans.Core.Resilience;
using Air.Orleans.Data.Control;
using Air.Orleans.Data.Execution;
using Microsoft.Extensions.Logging;

namespace Air.Orleans.Data.Grains;

/// <summary>
/// The blocks of a run as its grain sees them: each is asked for once, however many wait for it, and asked for again where it is lost,
/// up to the limit of <see cref="Losses"/>. For one activation's turns.
/// </summary>
internal sealed partial class RunBlocks(string run, IGrainFactory grains, TimeProvider time, ILogger logger)
{
    private readonly Dictionary<int, BlockRecord> _records = [];

    public IBlockGrain Grain(int index) => grains.GetGrain<IBlockGrain>(KeyOf(index));

    /// <summary>How many rows each block has; null where one was never computed.</summary>
    public int[]? Rows(int count)
    {
        var rows = new int[count];
        for (var index = 0; index < count; index++)
        {
            if (_records.GetValueOrDefault(index)?.Rows is not { } known)
            {
                return null;
            }

            rows[index] = known;
        }

        return rows;
    }

    /// <summary>What the block's grain is to be asked for.</summary>
    public BlockOrder Order(int index, BlockRecipe recipe) => new(recipe, RecordOf(index).WasHeld);

    /// <summary>Has the block computed, unless it is held, and says where it is.</summary>
    /// <exception cref="DatasetException">It cannot be computed, or was lost too often.</exception>
    public Task<BlockTicket> EnsureAsync(int index, BlockRecipe recipe, bool wasLost = false)
    {
        var record = RecordOf(index);
        record.WasHeld |= wasLost;
        if (record.Work is null or { IsCompleted: true })
        {
            record.Work = EnsureOnceAsync(index, recipe, record);
        }

        return record.Work;
    }

    private async Task<BlockTicket> EnsureOnceAsync(int index, BlockRecipe recipe, BlockRecord record)
    {
        record.Failures.ThrowIfAny();
        var key = KeyOf(index);
        var losses = new Losses($"Block '{key}'");
        string? activation = null;
        while (true)
        {
            var (answer, lost) = await GrainCalls.RetryAsync(() => AskAsync(index, Order(index, recipe)));
            if (answer?.Ticket is { } ticket)
            {
                record.Held(key, ticket.Rows);
                return ticket;
            }

            if (answer is not null && activation is not null && activation != answer.Activation)
            {
                lost = new BlockLostException($"Block '{key}' was computed on a silo that is lost, or left");
            }

            activation = answer?.Activation;
            if (lost is null)
            {
                continue;
            }

            if (!losses.TryAdd(lost, out var pause))
            {
                // What ends silos is not tried on the next ones by everyone who asks.
                var error = losses.Error();
                record.Failures.Remember(error);
                throw error;
            }

            LogLost(key, losses.Count, Losses.Limit, lost.Message);
            await Task.Delay(pause, time);
        }
    }

    /// <summary>One call; a loss is an answer here, as only the caller can count it.</summary>
    private async Task<Answer> AskAsync(int index, BlockOrder order)
    {
        try
        {
            return new Answer(await Grain(index).EnsureAsync(order), null);
        }
        catch (Exception error) when (error is SiloUnavailableException or BlockLostException)
        {
            return new Answer(null, error);
        }
    }

    private BlockRecord RecordOf(int index)
    {
        if (!_records.TryGetValue(index, out var record))
        {
            record = new BlockRecord(time);
            _records.Add(index, record);
        }

        return record;
    }

    private string KeyOf(int index) => $"{run}/{index}";

    [LoggerMessage(3011, LogLevel.Warning, "Block '{Block}' was lost ({Count} of {Limit}) and is made again: {Cause}")]
    private partial void LogLost(string block, int count, int limit, string cause);

    private sealed record Answer(BlockAnswer? Block, Exception? Lost);
}
