using Air.Orleans.Control;
using Air.Orleans.Core.Resilience;
using Air.Orleans.Core.Silos.Grains;
using Microsoft.Extensions.Logging;

namespace Air.Orleans;

/// <summary>
/// An application's way to a cluster that may be away: it connects in the background, for as long as it takes, and asks all the time whether
/// the cluster answers. While it does not, calls fail at once and say why. Had from <c>AddAirClient</c>; one for a process; thread-safe.
/// </summary>
public sealed partial class AirConnection : IAsyncDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly WakeSignal _nudge = new();
    private readonly AirClientOptions _options;
    private readonly Func<CancellationToken, Task<AirCluster>> _connect;
    private readonly TimeProvider _time;
    private readonly ILogger<AirConnection> _logger;
    private readonly ConnectionState _state;
    private volatile AirCluster? _cluster;
    private Task _keeping = Task.CompletedTask;
    private int _disposed;

    internal AirConnection(
        AirClientOptions options,
        Func<CancellationToken, Task<AirCluster>> connect,
        TimeProvider time,
        ILogger<AirConnection> logger
    )
    {
        _options = options;
        _connect = connect;
        _time = time;
        _logger = logger;
        _state = new ConnectionState(time);
    }

    /// <summary>Whether the cluster answers; a few seconds old at most.</summary>
    public ConnectionStatus Status => _state.Status;

    /// <summary>The cluster.</summary>
    /// <exception cref="ClusterUnavailableException">It does not answer now.</exception>
    public IAirCluster Cluster => _state.Status.IsUp && _cluster is { } cluster ? cluster : throw Unavailable();

    /// <summary>Ends when the cluster answers.</summary>
    public Task WaitAsync(CancellationToken cancellationToken = default) => _state.Up.WaitAsync(cancellationToken);

    /// <summary>
    /// Makes a call that ends within <see cref="AirClientOptions.CallLimit"/>, whatever happens. It may be made on the cluster more than once,
    /// as calls that are lost with a silo are made again.
    /// </summary>
    /// <param name="call">The call; it is given the cluster, and a token that ends at the limit or with the caller's.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="ClusterUnavailableException">The cluster does not answer, or did not in time.</exception>
    public async Task<T> CallAsync<T>(
        Func<IAirCluster, CancellationToken, Task<T>> call,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(call);
        cancellationToken.ThrowIfCancellationRequested();
        var cluster = Cluster;
        using var timeout = new CancellationTokenSource(_options.CallLimit, _time);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        try
        {
            // Also where the call does not look at its token.
            return await call(cluster, limit.Token).WaitAsync(limit.Token);
        }
        catch (OperationCanceledException error) when (!cancellationToken.IsCancellationRequested)
        {
            _nudge.Wake();
            throw new ClusterUnavailableException(
                $"Cluster '{_options.Cluster.ClusterId}' gave no answer within {_options.CallLimit.TotalSeconds:0.#} s.",
                error
            );
        }
        catch (Exception error) when (GrainCalls.IsTransient(error))
        {
            _nudge.Wake();
            throw new ClusterUnavailableException(
                $"Cluster '{_options.Cluster.ClusterId}' does not answer: {error.Message.Split('\n')[0]}",
                error
            );
        }
    }

    /// <summary>Disconnects.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 1)
        {
            return;
        }

        try
        {
            await _stopping.CancelAsync();
            await _keeping;
        }
        finally
        {
            if (_cluster is { } cluster)
            {
                await cluster.DisposeAsync();
            }

            _nudge.Dispose();
            _stopping.Dispose();
        }
    }

    /// <summary>Begins to connect, and returns.</summary>
    internal void Start() => _keeping = Background.Start(KeepAsync);

    private async Task KeepAsync()
    {
        try
        {
            while (true)
            {
                await AskAsync();
                // A call that met with no answer has the cluster asked at once.
                await _nudge.WaitAsync(_options.ProbeInterval, _stopping.Token);
            }
        }
        catch (Exception error) when (_stopping.IsCancellationRequested)
        {
            // The application stops, and whatever was being asked may end as it likes.
            LogEnded(_options.Cluster.ClusterId, error);
        }
    }

    private async Task AskAsync()
    {
        var wasUp = _state.Status.IsUp;
        try
        {
            _cluster ??= await _connect(_stopping.Token);
            await AnswerAsync(_cluster);
            _state.Answered();
            if (!wasUp)
            {
                LogUp(_options.Cluster.ClusterId);
            }
        }
        catch (Exception error) when (!_stopping.IsCancellationRequested)
        {
            if (_state.Failed(await WhyAsync(error)) && wasUp)
            {
                LogDown(_options.Cluster.ClusterId, _state.Status.Detail);
            }
        }
    }

    private async Task AnswerAsync(AirCluster cluster)
    {
        var gate = cluster.Services.GetRequiredService<IGrainFactory>().GetGrain<ISiloGateGrain>(0);
        await gate.DescribeAsync().WaitAsync(_options.ProbeLimit, _time, _stopping.Token);
    }

    /// <summary>An error of <c>ConnectAsync</c> has the reason; that of a probe is looked for.</summary>
    private async Task<string> WhyAsync(Exception error) =>
        _cluster is { } cluster && error is not AirException
            ? $"no silo answers ({await AirCluster.WhyRefusedAsync(cluster.Services)})"
            : error.Message.Split('\n')[0];

    private ClusterUnavailableException Unavailable()
    {
        var status = _state.Status;
        return new ClusterUnavailableException(
            $"Cluster '{_options.Cluster.ClusterId}' does not answer since {status.Since:HH:mm:ss} UTC: {status.Detail}"
        );
    }

    [LoggerMessage(8001, LogLevel.Information, "Cluster '{Cluster}' answers.")]
    private partial void LogUp(string cluster);

    [LoggerMessage(8003, LogLevel.Debug, "Cluster '{Cluster}' is not asked any more.")]
    private partial void LogEnded(string cluster, Exception error);

    [LoggerMessage(8002, LogLevel.Warning, "Cluster '{Cluster}' does not answer: {Why}")]
    private partial void LogDown(string cluster, string why);
}
