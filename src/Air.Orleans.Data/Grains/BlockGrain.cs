using Air.Orleans.Core.Blocks;
using Air.Orleans.Core.Compute;
using Air.Orleans.Core.DataPlane;
using Air.Orleans.Core.Resilience;
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
    GrainCompute compute,
    DataServer dataServer,
    TimeProvider time,
    IServiceProvider services
) : Grain, IBlockGrain
{
    private readonly SharedWork _work = new(time);

    private string Key => this.GetPrimaryKeyString();

    public async Task<BlockTicket?> EnsureAsync(BlockRecipe recipe) =>
        await GetAsync(recipe) is { } batch
            ? new BlockTicket(Key, batch.Length, BatchKernels.SizeBytes(batch), dataServer.Endpoint)
            : null;

    public async Task<MomentsImage[]?> MomentsAsync(BlockRecipe recipe, string[] columns) =>
        await GetAsync(recipe) is { } batch
            ? await _work.WaitAsync(
                $"moments {string.Join('\n', columns)}",
                () => compute.RunAsync($"moments of block {Key}", _ => Moments(batch, columns))
            )
            : null;

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        store.Remove(Key);
        return Task.CompletedTask;
    }

    private async Task<RecordBatch?> GetAsync(BlockRecipe recipe) =>
        store.Find(Key) ?? await _work.WaitAsync("compute", () => ComputeAsync(recipe));

    private static MomentsImage[] Moments(RecordBatch batch, string[] columns) =>
        [
            .. columns.Select(name =>
                MomentsImage.From(ColumnMath.Moments(batch.Column(batch.Schema.GetFieldIndex(name)), name))
            ),
        ];

    private async Task<RecordBatch> ComputeAsync(BlockRecipe recipe)
    {
        var inputs = recipe.Source is GatherBlockSource gather
            ? await Task.WhenAll(gather.Inputs.Select(ticket => fetcher.FetchAsync(ticket)))
            : [];
        var key = Key;
        var batch = await compute.RunAsync(
            $"block {key}",
            context => RecipeRunner.Run(key, recipe, inputs, services, context)
        );
        store.Put(key, batch);
        return batch;
    }
}
