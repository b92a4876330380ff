using Microsoft.Extensions.Logging;
using Orleans.Storage;

namespace Air.Orleans.Data.Grains;

/// <summary>
/// Keeps what a run knows of its split's input in the grain storage. It saves work and nothing depends on it, so a storage that fails is
/// told in the log and not to whoever asks for rows. For one activation's turns.
/// </summary>
internal sealed partial class SplitInputStore(IServiceProvider services, GrainId run, ILogger logger)
{
    private const string StateName = "air.data.split";

    private readonly GrainState<SplitInput> _state = new();

    private IGrainStorage Storage => services.GetRequiredKeyedService<IGrainStorage>(AirOptions.StorageName);

    /// <summary>What was kept; null where nothing was.</summary>
    public async Task<SplitInput?> ReadAsync()
    {
        try
        {
            await Storage.ReadStateAsync(StateName, run, _state);
            return _state.RecordExists ? _state.State : null;
        }
        catch (Exception error)
        {
            LogFault(error, run);
            return null;
        }
    }

    public async Task WriteAsync(SplitInput input)
    {
        try
        {
            _state.State = input;
            await Storage.WriteStateAsync(StateName, run, _state);
        }
        catch (Exception error)
        {
            LogFault(error, run);
        }
    }

    /// <summary>Forgets it, where nobody has asked for the rows in a long time.</summary>
    public async Task ClearAsync()
    {
        if (!_state.RecordExists)
        {
            return;
        }

        try
        {
            await Storage.ClearStateAsync(StateName, run, _state);
        }
        catch (Exception error)
        {
            LogFault(error, run);
        }
    }

    [LoggerMessage(
        3010,
        LogLevel.Warning,
        "What dataset run {Run} knows of its input is not kept: when its silo is lost, the input is computed again."
    )]
    private partial void LogFault(Exception error, GrainId run);
}
