using Air.Orleans.Core.Resilience;
using Air.Orleans.Data.Execution;
using Air.Orleans.Data.Grains;
using Air.Orleans.Data.Plans;
using Air.Orleans.Kernels.Columns;

namespace Air.Orleans.Data.Preprocessing;

/// <summary>What a preprocessor learns from: the columns and statistics of a plan's rows, computed on the silos.</summary>
internal sealed class FitSource(IServiceProvider services, PlanNode plan)
{
    private readonly IGrainFactory _grains = services.GetRequiredService<IGrainFactory>();

    public async ValueTask<Schema> SchemaAsync(CancellationToken cancellationToken) =>
        (await DatasetReader.For(services, plan).OpenAsync(cancellationToken)).Schema;

    public async ValueTask<Moments[]> MomentsAsync(string[] columns, CancellationToken cancellationToken)
    {
        var run = _grains.GetGrain<IDatasetRunGrain>(plan.NodeId);
        var images = await GrainCalls.PollAsync(() => run.MomentsAsync(plan, columns), cancellationToken);
        return [.. images.Select(static image => image.ToMoments())];
    }

    /// <summary>The same rows after a fitted preprocessor.</summary>
    public FitSource After(Preprocessor fitted)
    {
        var json = fitted.ToJson();
        return new FitSource(
            services,
            new OperatorNode(PlanNode.DerivedId(plan.NodeId, json), plan, new PreprocessOperator(json))
        );
    }
}
