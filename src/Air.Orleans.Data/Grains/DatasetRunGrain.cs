using Air.Orleans.Core.Blocks;
using Air.Orleans.Core.Compute;
using Air.Orleans.Core.Resilience;
using Air.Orleans.Data.Execution;
using Air.Orleans.Data.Plans;
using Microsoft.Extensions.Logging;
using Orleans.Concurrency;

namespace Air.Orleans.Data.Grains;

/// <inheritdoc cref="IDatasetRunGrain"/>
[GrainType("air.data.run"), Reentrant]
internal sealed class DatasetRunGrain : Grain, IDatasetRunGrain
{
    private const int BlocksInFlight = 64;

    private readonly IServiceProvider _services;
    private readonly SharedWork _work;
    private readonly RunBlocks _blocks;
    private readonly SplitInputStore _splitInput;
    private readonly PlanCompiler _compiler;
    private Task<CompiledPlan>? _compiled;
    private byte[]? _schemaBytes;

    public DatasetRunGrain(
        IServiceProvider services,
        GrainCompute compute,
        TimeProvider time,
        ILogger<DatasetRunGrain> logger
    )
    {
        _services = services;
        _work = new SharedWork(time);
        _blocks = new RunBlocks(this.GetPrimaryKeyString(), GrainFactory, time, logger);
        _splitInput = new SplitInputStore(services, this.GetGrainId(), logger);
        _compiler = new PlanCompiler(services, compute, _splitInput);
    }

    public Task<DatasetLayout?> OpenAsync(PlanNode plan) => _work.WaitAsync("open", () => OpenWholeAsync(plan));

    public Task<BlockTicket?> BlockAsync(PlanNode plan, int index, bool wasLost) =>
        _work.WaitAsync($"block {index}", () => OneBlockAsync(plan, index, wasLost));

    public Task<int[]?> RowsAsync(PlanNode plan) => _work.WaitAsync("rows", () => AllRowsAsync(plan));

    public Task<MaterializedDataset?> MaterializeAsync(PlanNode plan) =>
        _work.WaitAsync("materialize", () => MaterializeWholeAsync(plan));

    public Task<MomentsImage[]?> MomentsAsync(PlanNode plan, string[] columns) =>
        _work.WaitAsync($"moments {string.Join('\n', columns)}", () => MomentsOfAllAsync(plan, columns));

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken) =>
        reason.ReasonCode == DeactivationReasonCode.ActivationIdle ? _splitInput.ClearAsync() : Task.CompletedTask;

    private async Task<DatasetLayout> OpenWholeAsync(PlanNode plan)
    {
        var compiled = await CompileAsync(plan);
        _schemaBytes ??= SchemaCodec.Write(compiled.Schema ?? await SchemaOfFirstBlockAsync(plan));
        return new DatasetLayout(_schemaBytes, compiled.Recipes.Length);
    }

    private async Task<BlockTicket> OneBlockAsync(PlanNode plan, int index, bool wasLost)
    {
        var compiled = await CompileAsync(plan);
        return await _blocks.EnsureAsync(index, compiled.Recipes[index], wasLost);
    }

    private async Task<int[]> AllRowsAsync(PlanNode plan)
    {
        var compiled = await CompileAsync(plan);
        if (_blocks.Rows(compiled.Recipes.Length) is { } known)
        {
            return known;
        }

        var tickets = await ForEachBlockAsync(plan, (index, recipe) => _blocks.EnsureAsync(index, recipe));
        return [.. tickets.Select(static ticket => ticket.Rows)];
    }

    private async Task<MaterializedDataset> MaterializeWholeAsync(PlanNode plan)
    {
        var tickets = await ForEachBlockAsync(plan, (index, recipe) => _blocks.EnsureAsync(index, recipe));
        var layout = await OpenWholeAsync(plan);
        return new MaterializedDataset(layout.SchemaBytes, [.. tickets.Select(static ticket => ticket.Rows)]);
    }

    private async Task<MomentsImage[]> MomentsOfAllAsync(PlanNode plan, string[] columns)
    {
        var parts = await ForEachBlockAsync(plan, (index, recipe) => MomentsOfOneAsync(index, recipe, columns));
        return
        [
            .. columns.Select(
                (_, column) =>
                    MomentsImage.From(
                        parts
                            .Select(part => part[column].ToMoments())
                            .Aggregate(static (left, right) => left.Merge(right))
                    )
            ),
        ];
    }

    private async Task<MomentsImage[]> MomentsOfOneAsync(int index, BlockRecipe recipe, string[] columns)
    {
        // First, so that losses are counted; one between these calls is made good by the block's grain.
        await _blocks.EnsureAsync(index, recipe);
        return await GrainCalls.PollAsync(() =>
            _blocks.Grain(index).MomentsAsync(_blocks.Order(index, recipe), columns)
        );
    }

    private async Task<T[]> ForEachBlockAsync<T>(PlanNode plan, Func<int, BlockRecipe, Task<T>> call)
    {
        var compiled = await CompileAsync(plan);
        var gate = new SemaphoreSlim(BlocksInFlight);
        var failed = false;
        return await FailFast.AllAsync(compiled.Recipes.Select(OneAsync));

        async Task<T> OneAsync(BlockRecipe recipe, int index)
        {
            await gate.WaitAsync();
            try
            {
                // Nobody waits for the rest any more.
                ObjectDisposedException.ThrowIf(failed, this);
                return await call(index, recipe);
            }
            catch
            {
                failed = true;
                throw;
            }
            finally
            {
                gate.Release();
            }
        }
    }

    private Task<CompiledPlan> CompileAsync(PlanNode plan)
    {
        if (_compiled is null or { IsFaulted: true } or { IsCanceled: true })
        {
            _compiled = _compiler.CompileAsync(plan);
        }

        return _compiled;
    }

    private async Task<Schema> SchemaOfFirstBlockAsync(PlanNode plan)
    {
        using var first = await DatasetReader.For(_services, plan).BlockAsync(0, CancellationToken.None);
        return first.Batch.Schema;
    }
}
