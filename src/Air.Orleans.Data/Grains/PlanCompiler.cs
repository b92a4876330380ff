using Air.Orleans.Core.Compute;
using Air.Orleans.Data.Execution;
using Air.Orleans.Data.Plans;

namespace Air.Orleans.Data.Grains;

/// <summary>What a plan comes to: a recipe for each block. It stays good whatever is lost.</summary>
/// <param name="Recipes">In the order of the blocks.</param>
/// <param name="Schema">The columns; null where only a computed block can tell.</param>
internal sealed record CompiledPlan(BlockRecipe[] Recipes, Schema? Schema);

/// <summary>Turns the plan of a run into recipes, which needs no rows unless the plan begins with a split.</summary>
internal sealed class PlanCompiler(IServiceProvider services, GrainCompute compute, SplitInputStore splitInput)
{
    /// <exception cref="DatasetException">The source cannot be read, or a step lacks a column.</exception>
    public async Task<CompiledPlan> CompileAsync(PlanNode plan)
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
        return new CompiledPlan([.. sources.Select(source => new BlockRecipe(source, inOrder))], schema);
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
        var input = await InputAsync(split);
        var rows = input.Rows.Sum(static block => (long)block);
        var (start, count) = SplitPlan.Part(rows, split.TestSize, split.IsTest);
        if (count == 0)
        {
            throw new DatasetException(
                $"TrainTestSplit: of {rows} rows, testSize {split.TestSize} leaves none for the "
                    + $"{(split.IsTest ? "test" : "training")} part. Give more rows, or another testSize."
            );
        }

        var blockRows = Math.Max(1, input.Rows.Max());
        BlockSource[] sources =
        [
            .. SplitPlan
                .Cut(start, count, blockRows)
                .Select(part => new GatherBlockSource(
                    split.Input,
                    input.Rows,
                    part.Start,
                    part.Count,
                    split.ShuffleSeed
                )),
        ];
        return (sources, SchemaCodec.Read(input.SchemaBytes));
    }

    /// <summary>The rows of the input's blocks, counted once in the life of the run, whatever is lost.</summary>
    private async Task<SplitInput> InputAsync(SplitNode split)
    {
        if (await splitInput.ReadAsync() is { } kept)
        {
            return kept;
        }

        var reader = DatasetReader.For(services, split.Input);
        var rows = await reader.RowsAsync(CancellationToken.None);
        var layout = await reader.OpenAsync(CancellationToken.None);
        var input = new SplitInput { Rows = rows, SchemaBytes = layout.SchemaBytes };
        await splitInput.WriteAsync(input);
        return input;
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
}
