using Air.Orleans.Data;
using Air.Orleans.Data.Execution;
using Air.Orleans.Data.Plans;
using Air.Orleans.Data.Preprocessing;

namespace Air.Orleans.Train.Grains;

/// <summary>What a run does before workers begin: fits the preprocessor on the training rows, and computes all rows.</summary>
internal sealed class TrainPreparation(IServiceProvider services, TrainSpecification specification)
{
    /// <summary>The fitted preprocessor as JSON; null where there is none.</summary>
    public async Task<string?> FitAsync(CancellationToken cancellationToken)
    {
        if (
            specification.PreprocessorJson is not { } json
            || Preprocessor.FromJson(json) is not { IsFitted: false } unfitted
        )
        {
            return specification.PreprocessorJson;
        }

        var fitted = await unfitted.FitAsync(
            new FitSource(services, specification.Datasets["train"]),
            cancellationToken
        );
        return fitted.ToJson();
    }

    /// <summary>All datasets, through the preprocessor, computed.</summary>
    public async Task<Dictionary<string, TrainDataset>> MaterializeAsync(
        string? preprocessorJson,
        CancellationToken cancellationToken
    )
    {
        var datasets = new Dictionary<string, TrainDataset>();
        foreach (var (name, input) in specification.Datasets)
        {
            var plan = preprocessorJson is null ? input : After(input, preprocessorJson);
            try
            {
                var rows = await DatasetReader.For(services, plan).MaterializeAsync(cancellationToken);
                datasets.Add(name, new TrainDataset(plan, rows));
            }
            catch (DatasetException error)
            {
                throw new DatasetException($"Dataset '{name}': {error.Message}", error);
            }
        }

        return datasets;
    }

    private static OperatorNode After(PlanNode input, string preprocessorJson) =>
        new(PlanNode.DerivedId(input.NodeId, preprocessorJson), input, new PreprocessOperator(preprocessorJson));
}
