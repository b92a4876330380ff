using System.Threading.Channels;
using Air.Orleans.Core.Resources.Grains;

namespace Air.Orleans.Core.Tests.Resources;

/// <summary>Has one silo hang, as far as a new ledger can tell, and tells which beats were answered meanwhile. Thread-safe.</summary>
internal sealed class HeldAdoption
{
    private readonly TaskCompletionSource _release = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Channel<Beat> _beats = Channel.CreateUnbounded<Beat>();

    /// <summary>The silo that tells no ledger what stands on it; null for none.</summary>
    public SiloAddress? Silo { get; set; }

    /// <summary>Ends when a new ledger has asked that silo.</summary>
    public Task Asked => _asked.Task;

    /// <summary>The beats that a ledger has answered.</summary>
    public ChannelReader<Beat> Beats => _beats.Reader;

    public void AddTo(IServiceCollection services) =>
        services.AddSingleton<IIncomingGrainCallFilter>(services => new Filter(
            this,
            services.GetRequiredService<ILocalSiloDetails>()
        ));

    /// <summary>Lets the silo answer, this time and from now on.</summary>
    public void Release()
    {
        Silo = null;
        _release.TrySetResult();
    }

    private sealed class Filter(HeldAdoption held, ILocalSiloDetails silo) : IIncomingGrainCallFilter
    {
        public async Task Invoke(IIncomingGrainCallContext context)
        {
            if (context.MethodName == nameof(IResourceSiloService.AdoptAsync) && silo.SiloAddress.Equals(held.Silo))
            {
                held._asked.TrySetResult();
                await held._release.Task;
            }

            await context.Invoke();
            if (context.MethodName == nameof(IResourceLedgerGrain.BeatAsync))
            {
                held._beats.Writer.TryWrite((Beat)context.Request.GetArgument(0)!);
            }
        }
    }
}
