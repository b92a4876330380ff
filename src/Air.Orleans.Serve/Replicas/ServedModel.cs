using System.Text;
using Air.Orleans.Data;
using Air.Orleans.Data.Plans;
using Air.Orleans.Data.Prediction;
using Air.Orleans.Serve.Rows;

namespace Air.Orleans.Serve.Replicas;

/// <summary>A loaded model behind JSON rows: knows which columns it can take without computing anything.</summary>
internal sealed class ServedModel : IDisposable
{
    private readonly LoadedModel _model;
    private readonly Preprocessor? _preprocessor;
    private readonly IReadOnlyList<string> _features;

    private ServedModel(LoadedModel model, Preprocessor? preprocessor, IReadOnlyList<string> features)
    {
        _model = model;
        _preprocessor = preprocessor;
        _features = features;
        Layouts = new RowLayouts(Check);
    }

    public RowLayouts Layouts { get; }

    public static ServedModel Load(IPredictor predictor, CheckpointContent checkpoint, IReadOnlyList<string> features)
    {
        var preprocessor = checkpoint.Contains(CheckpointContent.PreprocessorFile)
            ? Preprocessor.FromJson(Encoding.UTF8.GetString(checkpoint.Read(CheckpointContent.PreprocessorFile).Span))
            : null;
        return new ServedModel(LoadedModel.Load(predictor, checkpoint), preprocessor, features);
    }

    public RecordBatch Predict(RecordBatch rows) => _model.Predict(rows, _features);

    public void Dispose() => _model.Dispose();

    private void Check(RowLayout layout)
    {
        var schema = _preprocessor is null ? layout.Schema : _preprocessor.TransformSchema(layout.Schema);
        ColumnNames.Require(schema, _features, "FeatureColumns");
    }
}
