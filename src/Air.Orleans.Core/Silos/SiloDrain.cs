using Microsoft.Extensions.Logging;

namespace Air.Orleans.Core.Silos;

/// <summary>
/// The silo's farewell, before it stops: nothing new comes, what is here goes elsewhere, what is left is told to end. The host begins it.
/// Thread-safe.
/// </summary>
internal sealed partial class SiloDrain(IServiceProvider services, TimeProvider time, ILogger<SiloDrain> logger)
    : IDisposable
{
    private readonly CancellationTokenSource _begun = new();

    /// <summary>Whether the silo drains; it never takes work again then.</summary>
    public bool HasBegun => _begun.IsCancellationRequested;

    /// <summary>Is cancelled as the drain begins.</summary>
    public CancellationToken Begun => _begun.Token;

    /// <summary>Drains, for as long as <paramref name="limit"/> at most; whether nothing is held any more.</summary>
    public async Task<bool> RunAsync(TimeSpan limit)
    {
        var since = time.GetTimestamp();
        await _begun.CancelAsync();
        using var ending = new CancellationTokenSource(limit, time);
        var parts = services.GetServices<IDrainPart>().ToList();
        var isDone = true;
        foreach (var phase in Enum.GetValues<DrainPhase>())
        {
            var ofPhase = parts.FindAll(part => part.Phase == phase);
            await Task.WhenAll(ofPhase.Select(part => RunAsync(part, ending.Token)));
            var held = ofPhase.SelectMany(static part => part.Held.Select(what => $"{part.Name}: {what}")).ToList();
            var seconds = time.GetElapsedTime(since).TotalSeconds;
            if (held.Count == 0)
            {
                LogDone(phase, seconds);
            }
            else
            {
                isDone = false;
                LogHeld(phase, seconds, string.Join("; ", held));
            }
        }

        return isDone;
    }

    public void Dispose() => _begun.Dispose();

    private async Task RunAsync(IDrainPart part, CancellationToken limit)
    {
        try
        {
            await part.DrainAsync(limit);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested)
        {
            // What it holds is told of.
        }
        catch (Exception error)
        {
            LogFailed(part.Name, error);
        }
    }

    [LoggerMessage(1100, LogLevel.Information, "Drain, {Phase}: done after {Seconds:0.0} s.")]
    private partial void LogDone(DrainPhase phase, double seconds);

    [LoggerMessage(1101, LogLevel.Warning, "Drain, {Phase}: after {Seconds:0.0} s there is still {Held}.")]
    private partial void LogHeld(DrainPhase phase, double seconds, string held);

    [LoggerMessage(1102, LogLevel.Warning, "Drain: {Part} could not be given up; the stop of the silo ends them.")]
    private partial void LogFailed(string part, Exception error);
}
