using Air.Orleans.Core.Blocks;
using Air.Orleans.Core.Compute;
using Air.Orleans.Core.Resilience;
using Air.Orleans.Data.Execution;
using Air.Orleans.Data.Plans;
using Orleans.Concurrency;

namespace Air.Orleans.Data.Grains;

/// <inheritdoc cref="IDatasetRunGrain"/>
[GrainType("air.data.run"), Reentrant]
internal sealed class DatasetRunGrain(IServiceProvider services, GrainCompute compute, TimeProvider time)
    : Grain,
        IDatasetRunGrain
{
    private const int Attempts = 5;
    private const int BlocksInFlight = 64;

    private readonly SharedWork _work = new(time);
    private Task<(BlockRecipe[] Recipes, Schema? Schema)>? _compiled;
    private byte[]? _schemaBytes;

    public Task<DatasetLayout?> OpenAsync(PlanNode plan) => _work.WaitAsync("open", () => OpenWholeAsync(plan));

    public Task<BlockTicket?> BlockAsync(PlanNode plan, int index) =>
        _work.WaitAsync($"block {index}", () => WithRecipesAsync(plan, recipes => EnsureAsync(index, recipes[index])));

    public Task<MaterializedDataset?> MaterializeAsync(PlanNode plan) =>
        _work.WaitAsync("materialize", () => MaterializeWholeAsync(plan));

    public Task<MomentsImage[]?> MomentsAsync(PlanNode plan, string[] columns) =>
        _work.WaitAsync($"moments {string.Join('\n', columns)}", () => MomentsOfAllAsync(plan, columns));

    private async Task<DatasetLayout> OpenWholeAsync(PlanNode plan)
    {
        var (recipes, schema) = await CompileAsync(plan);
        _schemaBytes ??= SchemaCodec.Write(schema ?? await SchemaOfFirstBlockAsync(plan));
        return new DatasetLayout(_schemaBytes, recipes.Length);
    }

    private async Task<MaterializedDataset> MaterializeWholeAsync(PlanNode plan)
    {
        var tickets = await ForEachBlockAsync(plan, EnsureAsync);
        var layout = await OpenWholeAsync(plan);
        return new MaterializedDataset(layout.SchemaBytes, tickets);
    }

    private async Task<MomentsImage[]> MomentsOfAllAsync(PlanNode plan, string[] columns)
    {
        var parts = await ForEachBlockAsync(
            plan,
            (index, recipe) => GrainCalls.PollAsync(() => BlockOf(index).MomentsAsync(recipe, columns)).AsTask()
        );
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

    private Task<BlockTicket> EnsureAsync(int index, BlockRecipe recipe) =>
        GrainCalls.PollAsync(() => BlockOf(index).EnsureAsync(recipe)).AsTask();

    private async Task<T[]> ForEachBlockAsync<T>(PlanNode plan, Func<int, BlockRecipe, Task<T>> call)
    {
        var (recipes, _) = await CompileAsync(plan);
        var gate = new SemaphoreSlim(BlocksInFlight);
        return await Task.WhenAll(recipes.Select((_, index) => OneAsync(index)));

        async Task<T> OneAsync(int index)
        {
            await gate.WaitAsync();
            try
            {
                return await WithRecipesAsync(plan, current => call(index, current[index]));
            }
            finally
            {
                gate.Release();
            }
        }
    }

    /// <summary>Makes a call that needs a recipe; where an input of it was lost, has the inputs made again first.</summary>
    private async Task<T> WithRecipesAsync<T>(PlanNode plan, Func<BlockRecipe[], Task<T>> call)
    {
        for (var attempt = 1; ; attempt++)
        {
            var compiled = CompileAsync(plan);
            var (recipes, _) = await compiled;
            try
            {
                return await call(recipes);
            }
            catch (Exception error)
                when ((error is BlockLostException || GrainCalls.IsTransient(error)) && attempt < Attempts)
            {
                if (_compiled == compiled)
                {
                    _compiled = null;
                }
            }
        }
    }

    private Task<(BlockRecipe[] Recipes, Schema? Schema)> CompileAsync(PlanNode plan)
    {
        if (_compiled is null or { IsFaulted: true } or { IsCanceled: true })
        {
            _compiled = CompileOnceAsync(plan);
        }

        return _compiled;
    }

    private async Task<(BlockRecipe[] Recipes, Schema? Schema)> CompileOnceAsync(PlanNode plan)
    {
        var operators = new Stack<BlockOperator>();
        var node = plan;
        while (node is OperatorNode step)
        {
            operators.Push(step.Operator);
            node = step.Input;
        }

        var (sources, schema) = await SourcesAsync(node);
        foreach (var step in operators)
        {
            schema = schema is null ? null : step.Apply(schema);
        }

        BlockOperator[] inOrder = [.. operators];
        return ([.. sources.Select(source => new BlockRecipe(source, inOrder))], schema);
    }

    private async Task<(BlockSource[] Sources, Schema? Schema)> SourcesAsync(PlanNode node)
    {
        switch (node)
        {
            case CsvNode csv:
                var (blocks, schema) = await compute.RunAsync($"layout of {csv.FilePath}", _ => CsvLayout.Of(csv));
                return (blocks, schema);
            case RangeNode range:
                return (RangeSources(range), RecipeRunner.RangeSchema);
            case SplitNode split:
                return await SplitSourcesAsync(split);
            default:
                throw new DatasetException($"A plan cannot begin with {node.GetType().Name}.");
        }
    }

    private async Task<(BlockSource[] Sources, Schema? Schema)> SplitSourcesAsync(SplitNode split)
    {
        var reader = DatasetReader.For(services, split.Input);
        var input = await reader.MaterializeAsync(CancellationToken.None);
        var (start, count) = SplitPlan.Part(input.Rows, split.TestSize, split.IsTest);
        if (count == 0)
        {
            throw new DatasetException(
                $"TrainTestSplit: of {input.Rows} rows, testSize {split.TestSize} leaves none for the "
                    + $"{(split.IsTest ? "test" : "training")} part. Give more rows, or another testSize."
            );
        }

        var blockRows = Math.Max(1, input.Blocks.Max(static block => block.Rows));
        BlockSource[] sources =
        [
            .. SplitPlan
                .Cut(start, count, blockRows)
                .Select(part => new GatherBlockSource(input.Blocks, part.Start, part.Count, split.ShuffleSeed)),
        ];
        return (sources, input.Schema);
    }

    private static BlockSource[] RangeSources(RangeNode range)
    {
        var blockRows = (int)Math.Max(1, (range.Rows + range.Blocks - 1) / range.Blocks);
        return
        [
            .. SplitPlan
                .Cut(0, range.Rows, blockRows)
                .Select(static part => new RangeBlockSource(part.Start, part.Count)),
        ];
    }

    private async Task<Schema> SchemaOfFirstBlockAsync(PlanNode plan)
    {
        var first = await DatasetReader.For(services, plan).BlockAsync(0, CancellationToken.None);
        return first.Schema;
    }

    private IBlockGrain BlockOf(int index) =>
        GrainFactory.GetGrain<IBlockGrain>($"{this.GetPrimaryKeyString()}/{index}");
}
