using Air.Orleans.Core.Checkpoints;
using Air.Orleans.Core.Shipping;
using Air.Orleans.Data.Prediction;

namespace Air.Orleans.Train.Prediction;

/// <summary>The models that a silo has loaded for batch prediction: each once, however many blocks ask. Thread-safe.</summary>
internal sealed class ModelCache(CheckpointStore store, ObjectShipper shipper)
{
    /// <summary>Models past this number are let go of, those loaded longest ago first.</summary>
    private const int MostModels = 4;

    private readonly Lock _gate = new();
    private readonly List<(string Key, Lazy<LoadedModel> Model)> _models = [];

    /// <summary>The model of a checkpoint; loaded on the thread of the first caller, while others wait for it.</summary>
    public LoadedModel Get(CheckpointManifest checkpoint, ShippedObject predictor)
    {
        var key = $"{checkpoint.Id}|{predictor.ContentHash}";
        Lazy<LoadedModel> model;
        lock (_gate)
        {
            var known = _models.FindIndex(entry => entry.Key == key);
            if (known < 0)
            {
                known = _models.Count;
                _models.Add((key, new Lazy<LoadedModel>(() => Load(checkpoint, predictor))));
            }

            model = _models[known].Model;
            if (_models.Count > MostModels)
            {
                _models.RemoveAt(0);
            }
        }

        try
        {
            return model.Value;
        }
        catch
        {
            lock (_gate)
            {
                _models.RemoveAll(entry => entry.Model == model);
            }

            throw;
        }
    }

    private LoadedModel Load(CheckpointManifest checkpoint, ShippedObject predictor)
    {
        var shipped = shipper.Open<IPredictor>(predictor);
        var model = LoadedModel.Load(shipped.Value, store.ReadAsync(checkpoint).GetAwaiter().GetResult());
        shipped.HeldBy(model);
        return model;
    }
}
