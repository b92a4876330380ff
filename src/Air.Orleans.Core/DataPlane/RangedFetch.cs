using Air.Orleans.Core.DataPlane.Control;
using Air.Orleans.Core.Diagnostics;
using Microsoft.Extensions.Logging;
using Polly;
using Polly.Retry;

namespace Air.Orleans.Core.DataPlane;

/// <summary>
/// One fetch of a content by ranges, over several connections. Where one breaks, what is there stays, and what is missing is asked for on a
/// new one. No connection writes into the caller's memory any more when it has ended, however it ends.
/// </summary>
internal sealed partial class RangedFetch(
    DataConnections connections,
    DataEndpoint endpoint,
    string key,
    DataLimits limits,
    TimeProvider time,
    ILogger logger
)
{
    /// <summary>The pause between two tries; how many there are is the plan's matter.</summary>
    private readonly RetryStrategyOptions _pauses = new()
    {
        BackoffType = DelayBackoffType.Exponential,
        Delay = TimeSpan.FromMilliseconds(100),
        MaxDelay = TimeSpan.FromSeconds(1),
        UseJitter = true,
        MaxRetryAttempts = int.MaxValue,
        ShouldHandle = static arguments => ValueTask.FromResult(arguments.Outcome.Exception is TryAgainException),
    };

    private RangePlan? _plan;
    private Memory<byte> _memory;
    private UInt128 _stamp;
    private bool _isReserved;

    /// <summary>Fetches all.</summary>
    public async Task<Memory<byte>> RunAsync(
        Func<long, ValueTask<Memory<byte>>> reserve,
        CancellationToken cancellationToken
    )
    {
        var pipeline = new ResiliencePipelineBuilder { TimeProvider = time }
            .AddRetry(_pauses)
            .Build();
        var opening = new RangePlan(0, 0, limits, time);
        try
        {
            while (_plan is not { Missing: 0 })
            {
                // Each time that some range was done, the pauses begin anew.
                await pipeline.ExecuteAsync(async token => await TryAsync(opening, reserve, token), cancellationToken);
            }

            return _memory;
        }
        catch (TryAgainException error)
        {
            throw error.InnerException!;
        }
    }

    private async ValueTask TryAsync(
        RangePlan opening,
        Func<long, ValueTask<Memory<byte>>> reserve,
        CancellationToken cancellationToken
    )
    {
        DataConnection? first = null;
        try
        {
            if (_plan is null)
            {
                first = await OpenAsync(opening, reserve, cancellationToken);
            }

            await FetchMissingAsync(first, cancellationToken);
        }
        finally
        {
            if (first is not null)
            {
                connections.Give(first);
            }
        }
    }

    /// <summary>Asks for the content; its first range comes with the answer.</summary>
    private async Task<DataConnection> OpenAsync(
        RangePlan opening,
        Func<long, ValueTask<Memory<byte>>> reserve,
        CancellationToken cancellationToken
    )
    {
        DataConnection? connection = null;
        try
        {
            connection = await connections.TakeAsync(cancellationToken);
            await connection.AskAsync(new DataRequest(DataVerb.Open, 0, limits.RangeBytes, 0), key);
            var answer = await connection.AnswerAsync();
            var length = (int)answer.Total;
            if (answer.Length != Math.Min(length, limits.RangeBytes))
            {
                throw new InvalidDataException($"The silo sends {answer.Length} bytes where others were asked for.");
            }

            _stamp = answer.Stamp;
            if (_isReserved && length != _memory.Length)
            {
                throw new AirException("another content was put under its key since the fetch began; fetch it anew");
            }

            if (!_isReserved)
            {
                var memory = await reserve(length);
                _memory =
                    memory.Length >= length
                        ? memory[..length]
                        : throw new ArgumentException(
                            $"{memory.Length} bytes were reserved for a content of {length}."
                        );
                _isReserved = true;
            }

            var range = new ContentRange(0, answer.Length);
            var isRight = await connection.ReceiveAsync(_memory[..range.Length], opening.Heard);
            connection.End();
            _plan = new RangePlan(length, range.Length, limits, time);
            if (!isRight)
            {
                HashWrong(_plan, range);
            }

            return connection;
        }
        catch (Exception error)
        {
            var stalled = connection?.HasStalled(error, cancellationToken) ?? false;
            if (connection is not null)
            {
                connections.Give(connection);
            }

            if (stalled || IsLoss(error))
            {
                throw Again(error, stalled, opening.Failed());
            }

            throw;
        }
    }

    /// <summary>Fetches what is missing, until it is there or no connection is left.</summary>
    private async Task FetchMissingAsync(DataConnection? first, CancellationToken cancellationToken)
    {
        var plan = _plan!;
        var missing = plan.Missing;
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var workers = Enumerable
            .Range(0, Math.Min(limits.Parallel, missing))
            .Select(i => WorkAsync(i == 0 ? first : null, plan, ending))
            .ToList();
        try
        {
            await Task.WhenAll(workers);
        }
        catch (Exception)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var errors = workers.Select(static it => it.Exception?.InnerException).OfType<Exception>().ToList();
            if (errors.Find(static it => it is not (TryAgainException or OperationCanceledException)) is { } fatal)
            {
                System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(fatal);
            }

            // What one connection left, another has fetched, or will.
            if (plan.Missing > 0 && plan.Missing == missing)
            {
                throw errors.OfType<TryAgainException>().First();
            }
        }
    }

    private async Task WorkAsync(DataConnection? given, RangePlan plan, CancellationTokenSource ending)
    {
        var connection = given;
        ContentRange? taken = null;
        try
        {
            while (plan.TryTake(out var range))
            {
                taken = range;
                connection ??= await connections.TakeAsync(ending.Token);
                if (connection.IsIdle)
                {
                    connection.Begin(ending.Token);
                }

                await FetchAsync(connection, plan, range);
                taken = null;
            }
        }
        catch (Exception error)
        {
            var stalled = connection?.HasStalled(error, ending.Token) ?? false;
            var isLoss = stalled || IsLoss(error);
            var mayGoOn = taken is { } range ? plan.GiveBack(range) : plan.Failed();
            if (!isLoss || !mayGoOn || EndpointCircuit.IsGone(error))
            {
                await ending.CancelAsync();
            }

            if (isLoss)
            {
                throw Again(error, stalled, mayGoOn);
            }

            throw;
        }
        finally
        {
            if (connection is not null && connection != given)
            {
                connections.Give(connection);
            }
        }
    }

    private async Task FetchAsync(DataConnection connection, RangePlan plan, ContentRange range)
    {
        await connection.AskAsync(new DataRequest(DataVerb.Range, range.Offset, range.Length, _stamp), key);
        var answer = await connection.AnswerAsync();
        if (answer.Length != range.Length || answer.Total != _memory.Length)
        {
            throw new InvalidDataException(
                $"The silo sends {answer.Length} of {answer.Total} bytes where {range} of {_memory.Length} were asked for."
            );
        }

        var isRight = await connection.ReceiveAsync(_memory.Slice(range.Offset, range.Length), plan.Heard);
        connection.End();
        if (isRight)
        {
            plan.Done();
        }
        else
        {
            HashWrong(plan, range);
        }
    }

    /// <exception cref="AirException">It was wrong too often.</exception>
    private void HashWrong(RangePlan plan, ContentRange range)
    {
        TransferMeter.Retried("hash");
        LogWrongHash(key, range, endpoint);
        if (!plan.HashWrong(range))
        {
            throw new AirException(
                $"{range} of '{key}' came {limits.HashAttempts} times with a wrong hash from the silo at {endpoint.Host}:{endpoint.Port}: "
                    + "the memory or the network of one of the two machines changes bytes"
            );
        }
    }

    private Exception Again(Exception error, bool stalled, bool mayGoOn)
    {
        var cause = stalled ? new IOException($"no byte came for {limits.Stall.TotalSeconds:0.#} s", error) : error;
        if (!mayGoOn || EndpointCircuit.IsGone(error))
        {
            return cause;
        }

        TransferMeter.Retried("connection");
        LogBroken(key, endpoint, cause.Message);
        return new TryAgainException(cause);
    }

    private static bool IsLoss(Exception error) => DataClient.IsLoss(error);

    [LoggerMessage(
        1010,
        LogLevel.Debug,
        "A connection that fetches '{Key}' from {Endpoint} broke: {Reason}. The missing ranges are asked for again."
    )]
    private partial void LogBroken(string key, DataEndpoint endpoint, string reason);

    [LoggerMessage(1011, LogLevel.Warning, "{Range} of '{Key}' came with a wrong hash from {Endpoint}.")]
    private partial void LogWrongHash(string key, ContentRange range, DataEndpoint endpoint);

    /// <summary>A connection broke, and another may do better.</summary>
    private sealed class TryAgainException(Exception cause) : Exception(cause.Message, cause);
}
