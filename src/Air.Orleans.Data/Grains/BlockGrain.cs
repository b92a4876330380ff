using Air.Orleans.Core.Blocks;
using Air.Orleans.Core.Compute;
using Air.Orleans.Core.DataPlane;
using Air.Orleans.Core.Resilience;
using Air.Orleans.Data.Control;
using Air.Orleans.Data.Diagnostics;
using Air.Orleans.Data.Execution;
using Air.Orleans.Kernels.Columns;
using Orleans.Concurrency;
using Orleans.Placement;

namespace Air.Orleans.Data.Grains;

/// <inheritdoc cref="IBlockGrain"/>
[GrainType("air.data.block"), Reentrant, RandomPlacement]
internal sealed class BlockGrain(
    BlockStore store,
    BlockCopies copies,
    GrainCompute compute,
    DataServer dataServer,
    TimeProvider time,
    IServiceProvider services
) : Grain, IBlockGrain
{
    private readonly SharedWork _work = new(time);
    private readonly FailureMemory _failures = new(time);
    private readonly string _activation = Guid.NewGuid().ToString("N");
    private bool _wasHeld;
    private int _computations;
    private int _losses;

    private string Key => this.GetPrimaryKeyString();

    public async Task<BlockAnswer> EnsureAsync(BlockOrder order)
    {
        var batch = await GetAsync(order);
        var ticket = batch is null
            ? null
            : new BlockTicket(Key, batch.Length, BatchKernels.SizeBytes(batch), dataServer.Endpoint);
        return new BlockAnswer(_activation, ticket, _computations, _losses);
    }

    public async Task<MomentsImage[]?> MomentsAsync(BlockOrder order, string[] columns) =>
        await GetAsync(order) is { } batch
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

    private static MomentsImage[] Moments(RecordBatch batch, string[] columns) =>
        [
            .. columns.Select(name =>
                MomentsImage.From(ColumnMath.Moments(batch.Column(batch.Schema.GetFieldIndex(name)), name))
            ),
        ];

    private async Task<RecordBatch?> GetAsync(BlockOrder order)
    {
        if (store.Find(Key) is { } held)
        {
            _wasHeld = true;
            return held;
        }

        _failures.ThrowIfAny();
        return await _work.WaitAsync("rows", () => RestoreAsync(order));
    }

    private async Task<RecordBatch> RestoreAsync(BlockOrder order)
    {
        if (_wasHeld)
        {
            _losses++;
        }

        if (_wasHeld || order.WasHeld)
        {
            DataMeter.Lost.Add(1);
        }

        try
        {
            var batch = _wasHeld || order.WasHeld ? await CopyAsync() : null;
            batch ??= await ComputeAsync(order.Recipe);
            store.Put(Key, batch);
            _wasHeld = true;
            return batch;
        }
        catch (Exception error)
        {
            throw Judge(error);
        }
    }

    private async Task<RecordBatch?> CopyAsync()
    {
        var copy = await copies.FetchAsync(Key);
        if (copy is not null)
        {
            DataMeter.Copied.Add(1);
        }

        return copy;
    }

    private async Task<RecordBatch> ComputeAsync(BlockRecipe recipe)
    {
        var key = Key;
        var inputs = recipe.Source is GatherBlockSource gather ? await InputsAsync(gather) : [];
        _computations++;
        DataMeter.Computed.Add(1);
        return await compute.RunAsync(
            $"block {key}",
            context => RecipeRunner.Run(key, recipe, inputs, services, context)
        );
    }

    /// <summary>The inputs that the block takes rows from, and no other: found where they are, or made again as this block is.</summary>
    private Task<RecordBatch[]> InputsAsync(GatherBlockSource gather)
    {
        var reader = DatasetReader.For(services, gather.Input);
        var (first, count) = gather.NeededInputs();
        return FailFast.AllAsync(
            Enumerable.Range(first, count).Select(index => reader.BlockAsync(index, CancellationToken.None))
        );
    }

    /// <summary>Remembers what would happen again, and calls a loss what is one.</summary>
    private Exception Judge(Exception error)
    {
        var fault = BlockFaults.Of(error);
        DataMeter.Failed.Add(1, KeyValuePair.Create<string, object?>("fault", fault.ToString()));
        switch (fault)
        {
            case BlockFault.Lasting:
                _failures.Remember(error);
                return error;
            case BlockFault.Lost when error is not BlockLostException:
                return new BlockLostException($"Block '{Key}' was not computed to its end", error);
            default:
                return error;
        }
    }
}
