using Air.Orleans.Core.Blocks;
using Air.Orleans.Core.Compute;
using Air.Orleans.Core.Placement;
using Air.Orleans.Core.Resilience;
using Air.Orleans.Data.Control;
using Air.Orleans.Data.Diagnostics;
using Air.Orleans.Data.Execution;
using Air.Orleans.Kernels.Columns;
using Orleans.Concurrency;

namespace Air.Orleans.Data.Grains;

/// <inheritdoc cref="IBlockGrain"/>
[GrainType("air.data.block"), Reentrant, OpenSiloPlacement]
internal sealed class BlockGrain(
    BlockStore store,
    BlockCopies copies,
    GrainCompute compute,
    ILocalSiloDetails silo,
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
    private volatile bool _isOver;

    private string Key => this.GetPrimaryKeyString();

    private Guid Id => BlockId.Of(Key);

    /// <summary>The block, if it is here. What its silo has as a copy that a reader fetched is this grain's from now on, so that it does not go as one.</summary>
    private BlockTicket? Held =>
        store.Own(Id) ? store.TicketOf(Id, Key, OnSiloPlacement.KeyOf(silo.SiloAddress)) : null;

    public async Task<BlockAnswer> EnsureAsync(BlockOrder order)
    {
        var ticket = await GetAsync(order);
        return new BlockAnswer(_activation, ticket, _computations, _losses);
    }

    public async Task<MomentsImage[]?> MomentsAsync(BlockOrder order, string[] columns) =>
        await GetAsync(order) is null
            ? null
            : await _work.WaitAsync(
                $"moments {string.Join('\n', columns)}",
                async () =>
                {
                    using var lease = await store.OpenAsync(Id);
                    return await compute.RunAsync($"moments of block {Key}", _ => Moments(lease.Batch, columns));
                }
            );

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        _isOver = true;
        store.Remove(Id);
        return Task.CompletedTask;
    }

    /// <summary>What work that outlasted the activation has stored belongs to nobody.</summary>
    private void RemoveIfOver(Guid id)
    {
        if (_isOver)
        {
            store.Remove(id);
        }
    }

    private static MomentsImage[] Moments(RecordBatch batch, string[] columns) =>
        [
            .. columns.Select(name =>
                MomentsImage.From(ColumnMath.Moments(batch.Column(batch.Schema.GetFieldIndex(name)), name))
            ),
        ];

    private async Task<BlockTicket?> GetAsync(BlockOrder order)
    {
        if (Held is { } held)
        {
            _wasHeld = true;
            return held;
        }

        _failures.ThrowIfAny();
        return await _work.WaitAsync("rows", () => RestoreAsync(order));
    }

    private async Task<BlockTicket> RestoreAsync(BlockOrder order)
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
            if (!(_wasHeld || order.WasHeld) || !await TryCopyAsync())
            {
                await ComputeAsync(order.Recipe);
            }

            _wasHeld = true;
            return Held ?? throw new BlockLostException($"Block '{Key}' was freed as soon as it was there");
        }
        catch (Exception error)
        {
            throw Judge(error);
        }
    }

    /// <summary>Has the rows of a copy on another silo, if there is one whose content is what it was.</summary>
    private async Task<bool> TryCopyAsync()
    {
        if (await copies.FetchAsync(Key) is not var (block, lease))
        {
            return false;
        }

        using (lease)
        {
            if (!await store.AdoptAsync(block, lease))
            {
                return false;
            }

            RemoveIfOver(Id);
        }

        DataMeter.Copied.Add(1);
        return true;
    }

    /// <summary>The inputs are held until the block is stored: what the operators give may be a view of them.</summary>
    private async Task ComputeAsync(BlockRecipe recipe)
    {
        var (key, id) = (Key, Id);
        using var inputs = new BlockLeases();
        if (recipe.Source is GatherBlockSource gather)
        {
            await AddInputsAsync(inputs, gather);
        }

        _computations++;
        DataMeter.Computed.Add(1);
        await compute.RunAsync(
            $"block {key}",
            context =>
            {
                var stored = store.Put(id, RecipeRunner.Run(key, recipe, inputs.Batches, services, context));
                RemoveIfOver(id);
                return stored;
            }
        );
    }

    /// <summary>The inputs that the block takes rows from, and no other: found where they are, or made again as this block is.</summary>
    private Task AddInputsAsync(BlockLeases inputs, GatherBlockSource gather)
    {
        var reader = DatasetReader.For(services, gather.Input);
        var (first, count) = gather.NeededInputs();
        return inputs.AddAsync(
            Enumerable.Range(first, count).Select(index => reader.BlockAsync(index, CancellationToken.None)),
            FailFast.AllAsync
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
