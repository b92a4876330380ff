using Air.Orleans.Core.DataPlane;
using Air.Orleans.Core.Resilience;
using Air.Orleans.Core.Resources;
using Air.Orleans.Core.Runs.Grains;
using Air.Orleans.Core.Security;
using Air.Orleans.Core.Shipping.Code;
using Air.Orleans.Core.Shipping.Control;
using Microsoft.Extensions.Logging;
using Orleans.Concurrency;

namespace Air.Orleans.Core.Shipping.Grains;

/// <inheritdoc cref="ICodeBookGrain"/>
[GrainType("air.core.code-book"), Reentrant, KeepAlive]
internal sealed partial class CodeBookGrain(
    [PersistentState("air.core.code-book", AirOptions.StorageName)] IPersistentState<CodeBookState> state,
    CodeStorage storage,
    CodeThreads threads,
    DataServer dataServer,
    SecurityGate gate,
    CodeAgents agents,
    IManagementView membership,
    TimeProvider time,
    ILogger<CodeBookGrain> logger
) : Grain, ICodeBookGrain
{
    private static readonly TimeSpan SweepInterval = TimeSpan.FromHours(1);
    private static readonly TimeSpan FirstSweep = TimeSpan.FromMinutes(1);

    /// <summary>Who looks whether parts are there and who takes parts away, one at a time.</summary>
    private readonly SemaphoreSlim _parts = new(1, 1);

    private readonly SharedWork _commits = new(time);
    private SharedWrite? _write;

    private CodeBook Book => state.State.Book;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        this.RegisterGrainTimer(
            SweepAsync,
            new GrainTimerCreationOptions(FirstSweep, SweepInterval) { Interleave = true, KeepAlive = true }
        );
        return Task.CompletedTask;
    }

    public async Task<bool> LacksAsync(CodeBuild[] builds)
    {
        var active = await membership.ActiveSilosAsync();
        var have = await Task.WhenAll(active.Select(silo => HasAsync(silo, builds)));
        return have.Contains(false);
    }

    public async Task<CodeUpload> BeginAsync(CodeManifest manifest)
    {
        var hash = Check(manifest);
        return await AloneAsync(async () =>
        {
            if (Book.Find(hash) is not null)
            {
                return new CodeUpload(dataServer.Endpoint, [], IsKept: true);
            }

            var missing = Book.Begin(hash, manifest, time.GetUtcNow());
            // Before anything is sent: what comes of it must be found again if it never ends.
            await WriteAsync();
            return new CodeUpload(dataServer.Endpoint, missing, IsKept: false);
        });
    }

    public async Task<CodeManifest?> CommitAsync(CodeManifest manifest)
    {
        var hash = Check(manifest);
        if (Book.Find(hash) is not null)
        {
            return manifest;
        }

        return await _commits.WaitAsync(hash, () => AloneAsync(() => CommitAsync(hash, manifest)));
    }

    public async Task<CodeManifest?> GetAsync(string hash)
    {
        await TouchAsync([hash]);
        return Book.Find(hash)?.Manifest;
    }

    public async Task TouchAsync(string[] hashes)
    {
        var now = time.GetUtcNow();
        var isNews = false;
        foreach (var hash in hashes)
        {
            isNews |= Book.Touch(hash, now);
        }

        if (isNews)
        {
            await WriteAsync();
        }
    }

    public async Task<bool> PinAsync(string hash, string holder)
    {
        var kept = Book.Pin(hash, holder, time.GetUtcNow());
        await WriteAsync();
        return kept;
    }

    public async Task UnpinAsync(string hash, string holder)
    {
        Book.Unpin(hash, holder, time.GetUtcNow());
        await WriteAsync();
    }

    public Task<CodeInfo[]> ListAsync() => Task.FromResult<CodeInfo[]>([.. Book.List()]);

    public Task DeleteAsync(string hash) =>
        AloneAsync(async () =>
        {
            var parts = Book.Remove(hash);
            // The bundle goes from the book first: what is left of it after a crash is found by the sweep.
            await WriteAsync();
            return await DeleteAsync(hash, parts);
        });

    private async Task<T> AloneAsync<T>(Func<Task<T>> work)
    {
        await _parts.WaitAsync();
        try
        {
            return await work();
        }
        finally
        {
            _parts.Release();
        }
    }

    /// <summary>Deletes parts of a bundle that is not kept, and forgets them.</summary>
    private async Task<int> DeleteAsync(string hash, string[] parts)
    {
        await threads.RunAsync(
            $"delete code {hash[..12]}",
            _ =>
            {
                foreach (var part in parts)
                {
                    storage.DeleteAsync(part).GetAwaiter().GetResult();
                }

                return true;
            },
            CancellationToken.None
        );
        Book.Drop(hash);
        await WriteAsync();
        return parts.Length;
    }

    private string Check(CodeManifest manifest)
    {
        if (manifest.Fault() is { } fault)
        {
            throw new ShippingException($"'{manifest.Name}' cannot be shipped: {fault}.");
        }

        var hash = manifest.Hash();
        gate.ThrowIfBundleRefused($"The code '{manifest.Name}'", hash);
        return hash;
    }

    private async Task<CodeManifest> CommitAsync(string hash, CodeManifest manifest)
    {
        if (Book.Find(hash) is not null)
        {
            return manifest;
        }

        // Others rely on what is said to be kept, so it is looked at.
        var sent = Book.MissingOf(manifest);
        var lost = await threads.RunAsync(
            $"look for code {hash[..12]}",
            _ => Array.Find(sent, part => storage.ReadLengthAsync(part).GetAwaiter().GetResult() is null),
            CancellationToken.None
        );
        if (lost is not null)
        {
            throw new ShippingException(
                $"'{manifest.Name}' was not sent whole: part {lost} is missing. Send it again."
            );
        }

        Book.Add(hash, manifest, time.GetUtcNow());
        await WriteAsync();
        LogKept(manifest.Name, hash, manifest.Files.Length, manifest.Bytes);
        return manifest;
    }

    private async Task<bool> HasAsync(SiloAddress silo, CodeBuild[] builds)
    {
        try
        {
            return await agents[silo].HasAsync(builds);
        }
        catch (Exception error) when (GrainCalls.IsTransient(error))
        {
            // It is lost, or will say so; shipping what it may have does no harm.
            return false;
        }
    }

    private async Task SweepAsync(CancellationToken cancellationToken)
    {
        try
        {
            var runs = await GrainFactory.GetGrain<IRunBookGrain>(0).ListAsync();
            var unfinished = runs.Where(static run => run.Info.State <= RunState.Interrupted).ToList();
            DateTimeOffset? since = unfinished.Count == 0 ? null : unfinished.Min(static run => run.Info.CreatedAt);
            foreach (var hash in Book.Unused(time.GetUtcNow(), since))
            {
                LogUnused(hash);
                await DeleteAsync(hash);
            }

            while (await AloneAsync(SweepUploadAsync)) { }
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            LogNotSwept(error);
        }
    }

    /// <summary>Deletes what came of one upload that was given up; whether there was one.</summary>
    private async Task<bool> SweepUploadAsync()
    {
        if (Book.Abandoned(time.GetUtcNow()) is not (var hash, var parts))
        {
            return false;
        }

        LogAbandoned(hash, await DeleteAsync(hash, parts));
        return true;
    }

    private Task WriteAsync() => (_write ??= new SharedWrite(() => state.WriteStateAsync())).RunAsync();

    [LoggerMessage(1043, LogLevel.Information, "Code '{Name}' ({Hash}) is kept: {Files} files, {Bytes} bytes.")]
    private partial void LogKept(string name, string hash, int files, long bytes);

    [LoggerMessage(1044, LogLevel.Information, "Code {Hash} has not been used for a week and is deleted.")]
    private partial void LogUnused(string hash);

    [LoggerMessage(1046, LogLevel.Information, "Code {Hash} was never sent whole; {Parts} parts of it are deleted.")]
    private partial void LogAbandoned(string hash, int parts);

    [LoggerMessage(1045, LogLevel.Warning, "Unused code could not be deleted; that is tried again in an hour.")]
    private partial void LogNotSwept(Exception error);
}

/// <summary>What the book keeps.</summary>
[GenerateSerializer, Alias("air.core.CodeBookState")]
internal sealed class CodeBookState
{
    [Id(0)]
    public CodeBook Book { get; set; } = new();
}
