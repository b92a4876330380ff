using Microsoft.Extensions.Logging;
using Orleans.Serialization.Serializers;
using Orleans.Storage;
using Polly;
using Polly.CircuitBreaker;
using Polly.Timeout;

namespace Air.Orleans.Core.Storage;

/// <summary>
/// The border to a storage that others wrote: states cross it as bytes, outages are waited for, and what goes wrong arrives as
/// <see cref="StorageException"/>, which every caller can read, or as InconsistentStateException.
/// </summary>
internal sealed partial class GuardedGrainStorage(
    IGrainStorage storage,
    StorageBorder border,
    Serializer serializer,
    IActivatorProvider activators,
    TimeProvider time,
    ILogger<GuardedGrainStorage> logger
) : IGrainStorage
{
    private const double Megabyte = 1 << 20;

    private readonly ResiliencePipeline _pipeline = StorageResilience.Create(
        border,
        time,
        error => LogAgain(logger, error, border.Place)
    );

    public async Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var key = border.KeyOf(stateName, grainId);
        // Nobody knows how large the state is before it has been read.
        var stored = await ExecuteAsync(
            () => ReadAsync(key),
            border.Patience,
            $"State '{stateName}' of grain {grainId} was not read",
            ""
        );
        grainState.State = stored.RecordExists ? Deserialize<T>(stateName, grainId, stored.State!.Bytes) : New<T>();
        grainState.ETag = stored.ETag;
        grainState.RecordExists = stored.RecordExists;
    }

    public async Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var key = border.KeyOf(stateName, grainId);
        var payload = new Payload { Bytes = serializer.SerializeToArray(grainState.State) };
        var held = grainState.ETag;
        var isUncertain = false;
        var written = await ExecuteAsync(
            async () =>
            {
                // A copy: an attempt that was given up may still end, and must not touch the grain's state then.
                var copy = new GrainState<Payload>(payload, held) { RecordExists = grainState.RecordExists };
                var wasUncertain = isUncertain;
                isUncertain = true;
                try
                {
                    await storage.WriteStateAsync(key.StateName, key.GrainId, copy);
                    return copy;
                }
                catch (InconsistentStateException) when (wasUncertain)
                {
                    var stored = await ReadAsync(key);
                    if (stored.RecordExists && stored.State!.Bytes.Span.SequenceEqual(payload.Bytes.Span))
                    {
                        // An earlier attempt did land, though its answer was lost.
                        return stored;
                    }

                    throw;
                }
            },
            LimitOf(payload.Bytes.Length),
            $"State '{stateName}' of grain {grainId} was not written",
            " Whether the last attempt landed is not known: read the state before writing it again."
        );
        grainState.ETag = written.ETag;
        grainState.RecordExists = true;
    }

    public async Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var key = border.KeyOf(stateName, grainId);
        var held = grainState.ETag;
        var isUncertain = false;
        var cleared = await ExecuteAsync(
            async () =>
            {
                var copy = new GrainState<Payload>(new Payload(), held) { RecordExists = grainState.RecordExists };
                var wasUncertain = isUncertain;
                isUncertain = true;
                try
                {
                    await storage.ClearStateAsync(key.StateName, key.GrainId, copy);
                    return copy;
                }
                catch (InconsistentStateException) when (wasUncertain)
                {
                    var stored = await ReadAsync(key);
                    if (!stored.RecordExists)
                    {
                        return stored;
                    }

                    throw;
                }
            },
            border.AnswerLimit,
            $"State '{stateName}' of grain {grainId} was not cleared",
            " Whether the last attempt landed is not known: read the state before changing it again."
        );
        grainState.State = New<T>();
        grainState.ETag = cleared.ETag;
        grainState.RecordExists = false;
    }

    private async Task<GrainState<Payload>> ReadAsync((string StateName, GrainId GrainId) key)
    {
        var stored = new GrainState<Payload>();
        await storage.ReadStateAsync(key.StateName, key.GrainId, stored);
        return stored;
    }

    private async Task<GrainState<Payload>> ExecuteAsync(
        Func<Task<GrainState<Payload>>> attempt,
        TimeSpan limit,
        string failure,
        string doubt
    )
    {
        Exception? latest = null;
        var context = ResilienceContextPool.Shared.Get(continueOnCapturedContext: true);
        context.Properties.Set(StorageResilience.AttemptLimit, limit);
        try
        {
            return await _pipeline.ExecuteAsync(
                async (context, attempt) =>
                {
                    try
                    {
                        return await attempt().WaitAsync(context.CancellationToken);
                    }
                    catch (Exception error) when (error is not InconsistentStateException)
                    {
                        latest = error is OperationCanceledException ? latest : error;
                        throw;
                    }
                },
                context,
                attempt
            );
        }
        catch (InconsistentStateException conflict)
        {
            // Without what caused it, which may be of a type that a remote caller cannot read.
            throw new InconsistentStateException(conflict.Message, conflict.StoredEtag, conflict.CurrentEtag);
        }
        catch (Exception error) when (error is TimeoutRejectedException or BrokenCircuitException)
        {
            latest ??= error.InnerException;
            LogOutage(latest ?? error, border.Place);
            throw new StorageException(
                StorageFault.Unavailable,
                $"{failure}: the storage at {border.Place} did not answer for {border.Patience.TotalSeconds:0.#} s"
                    + $"{(latest is null ? "" : $" ({Text(latest)})")}. See that it runs and can be reached; then try again.{doubt}"
            );
        }
        catch (Exception error) when (error is not StorageException)
        {
            LogRefusal(error, border.Place);
            throw new StorageException(
                border.FaultOf(error),
                $"{failure}: the storage at {border.Place} answered: {Text(error)}. What was stored before is still there."
            );
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
        }
    }

    private TimeSpan LimitOf(int bytes) => border.AnswerLimit + (border.AnswerLimitPerMegabyte * (bytes / Megabyte));

    private T? Deserialize<T>(string stateName, GrainId grainId, ReadOnlyMemory<byte> bytes)
    {
        try
        {
            return serializer.Deserialize<T>(bytes);
        }
        catch (Exception error)
        {
            LogRefusal(error, border.Place);
            throw new StorageException(
                StorageFault.Damaged,
                $"State '{stateName}' of grain {grainId} at {border.Place}: its {bytes.Length} bytes are no {typeof(T).Name} of this version: "
                    + $"{Text(error)}. Read it with the version that wrote it, or delete it there to begin without this state."
            );
        }
    }

    private T New<T>() => activators.GetActivator<T>().Create();

    private static string Text(Exception error) => error.Message.TrimEnd('.', ' ');

    [LoggerMessage(1030, LogLevel.Debug, "The storage at {Place} did not answer; it is asked again.")]
    private static partial void LogAgain(ILogger logger, Exception? error, string place);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The storage at {Place} does not answer.")]
    private partial void LogOutage(Exception error, string place);

    [LoggerMessage(Level = LogLevel.Error, Message = "The storage at {Place} failed.")]
    private partial void LogRefusal(Exception error, string place);
}
