using Air.Orleans.Core.Blocks;
using Air.Orleans.Core.Compute;
using Air.Orleans.Core.DataPlane;
using Air.Orleans.Data.Execution;
using Air.Orleans.Kernels.Columns;
using Orleans.Concurrency;
using Orleans.Placement;

namespace Air.Orleans.Data.Grains;

/// <inheritdoc cref="IBlockGrain"/>
[GrainType("air.data.block"), Reentrant, RandomPlacement]
internal sealed class BlockGrain(
    BlockStore store,
    BlockFetcher fetcher,
    ComputeSlots slots,
    DataServer dataServer,
    IServiceProvider services
) : Grain, IBlockGrain
{
    private Task<RecordBatch>? _computing;

    private string Key => this.GetPrimaryKeyString();

    public async Task<BlockTicket> EnsureAsync(BlockRecipe recipe)
    {
        var batch = await GetAsync(recipe);
        return new BlockTicket(Key, batch.Length, BatchKernels.SizeBytes(batch), dataServer.Endpoint);
    }

    public async Task<MomentsImage[]> MomentsAsync(BlockRecipe recipe, string[] columns)
    {
        var batch = await GetAsync(recipe);
        return await slots.RunAsync(() =>
            columns
                .Select(name => MomentsImage.From(ColumnMath.Moments(batch.Column(batch.Schema.GetFieldIndex(name)))))
                .ToArray()
        );
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        store.Remove(Key);
        return Task.CompletedTask;
    }

    private async Task<RecordBatch> GetAsync(BlockRecipe recipe)
    {
        if (store.Find(Key) is { } held)
        {
            return held;
        }

        _computing ??= ComputeAsync(recipe);
        try
        {
            return await _computing;
        }
        finally
        {
            _computing = null;
        }
    }

    private async Task<RecordBatch> ComputeAsync(BlockRecipe recipe)
    {
        var inputs = recipe.Source is GatherBlockSource gather
            ? await Task.WhenAll(gather.Inputs.Select(ticket => fetcher.FetchAsync(ticket)))
            : [];
        var key = Key;
        var batch = await slots.RunAsync(() => RecipeRunner.Run(key, recipe, inputs, services));
        store.Put(key, batch);
        return batch;
    }
}
