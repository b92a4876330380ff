using Air.Orleans.Core.Resources.Control;
using Orleans.Concurrency;

namespace Air.Orleans.Core.Resources.Grains;

/// <inheritdoc cref="IResourceLedgerGrain"/>
[GrainType("air.core.ledger"), Reentrant, KeepAlive]
internal sealed class ResourceLedgerGrain(IManagementView management, TimeProvider time) : Grain, IResourceLedgerGrain
{
    private readonly ResourceLedger<SiloAddress> _ledger = new();
    private TaskCompletionSource _changed = NewSignal();

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        await base.OnActivateAsync(cancellationToken);
        this.RegisterGrainTimer(
            ForgetLostSilosAsync,
            new GrainTimerCreationOptions(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1)) { Interleave = true }
        );
    }

    public Task ReportAsync(SiloReport report)
    {
        _ledger.Declare(report.Silo, report.Declared, report.Held);
        Regrant();
        return Task.CompletedTask;
    }

    public async Task<LeaseAnswer> AcquireAsync(string id, ResourceSet amount, TimeSpan patience)
    {
        _ledger.Ask(id, amount);
        var deadline = time.GetUtcNow() + patience;
        while (true)
        {
            await ForgetLostSilosAsync(CancellationToken.None);
            var allHaveReported = (await management.ActiveSilosAsync()).All(_ledger.Declared.ContainsKey);
            if (allHaveReported)
            {
                Regrant();
                if (_ledger.IsGranted(id, out var silo))
                {
                    return new LeaseGranted(silo!);
                }

                if (!_ledger.IsPossible(amount))
                {
                    var reason = _ledger.Explain(id, amount);
                    _ledger.Release(id);
                    return new LeaseImpossible(reason);
                }
            }

            var left = deadline - time.GetUtcNow();
            if (left <= TimeSpan.Zero)
            {
                return new LeasePending(
                    allHaveReported ? _ledger.Explain(id, amount) : "not every silo has reported its resources yet"
                );
            }

            await Task.WhenAny(_changed.Task, Task.Delay(left, time));
        }
    }

    public Task ReleaseAsync(string id)
    {
        _ledger.Release(id);
        Regrant();
        return Task.CompletedTask;
    }

    public Task<SiloResources[]> DescribeAsync() =>
        Task.FromResult<SiloResources[]>([
            .. _ledger.Declared.Select(pair => new SiloResources(pair.Key, pair.Value, _ledger.Free(pair.Key))),
        ]);

    private async Task ForgetLostSilosAsync(CancellationToken cancellationToken)
    {
        var active = await management.ActiveSilosAsync();
        foreach (var lost in _ledger.Declared.Keys.Except(active).ToList())
        {
            _ledger.Forget(lost);
            Regrant();
        }
    }

    private void Regrant()
    {
        _ledger.Grant();
        var signal = _changed;
        _changed = NewSignal();
        signal.SetResult();
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
