using Air.Orleans.Core.Runs;
using Air.Orleans.Core.Shipping;
using Air.Orleans.Data;
using Air.Orleans.Train.Grains;
using Air.Orleans.Train.Workers;

namespace Air.Orleans.Train;

/// <summary>
/// A data-parallel training job, described: every worker runs the same loop on its own part of the rows. Immutable but for the
/// dictionary of datasets; vary it with <c>with</c>. Nothing runs until <c>air.FitAsync</c>.
/// </summary>
/// <typeparam name="TParameters">A record or class that System.Text.Json can write and read.</typeparam>
public abstract record Trainer<TParameters> : ITrainable<TParameters>
{
    /// <summary>What the loop is given, on every worker; kept in every checkpoint.</summary>
    public required TParameters Parameters { get; init; }

    /// <summary>The datasets by the names that the loop asks for; "train" is the one that the preprocessor is fitted on.</summary>
    /// <value>Empty.</value>
    public Dictionary<string, Dataset> Datasets { get; init; } = [];

    /// <summary>
    /// Put on every dataset. One that is not fitted yet is fitted on the dataset "train" first. It rides in every checkpoint.
    /// </summary>
    /// <value>None.</value>
    public Preprocessor? Preprocessor { get; init; }

    /// <summary>How many workers, and what each needs.</summary>
    public ScalingConfig Scaling { get; init; } = new();

    /// <summary>The run's name and seed.</summary>
    public RunConfig Run { get; init; } = new();

    /// <summary>Which checkpoints are kept.</summary>
    public CheckpointConfig Checkpoints { get; init; } = new();

    /// <summary>How often the run begins again after a failure.</summary>
    public FailureConfig Failures { get; init; } = new();

    /// <summary>The loop that every worker runs.</summary>
    private protected abstract ITrainLoop<TParameters> WorkerLoop { get; }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The description is faulty; the message lists every fault.</exception>
    /// <exception cref="ShippingException">The loop holds what cannot travel.</exception>
    public TrainableLaunch Prepare(IAirCluster cluster)
    {
        ArgumentNullException.ThrowIfNull(cluster);
        Validate();
        var shipper = cluster.Services.GetRequiredService<ObjectShipper>();
        var specification = new TrainSpecification(
            shipper.Pack(new LoopInvoker<TParameters>(WorkerLoop), $"The training loop {WorkerLoop.GetType().Name}"),
            ParametersJson.Write(Parameters),
            Datasets.ToDictionary(static pair => pair.Key, static pair => pair.Value.Plan),
            Preprocessor?.ToJson(),
            Scaling,
            Run,
            Checkpoints,
            Failures
        );
        var serializer = cluster.Services.GetRequiredService<Serializer>();
        return new TrainableLaunch
        {
            RunGrainType = GrainType.Create(TrainRunGrain.TypeName),
            Specification = serializer.SerializeToArray(specification),
            Fingerprint = specification.Fingerprint(serializer),
            Resources = Scaling.Total,
        };
    }

    private void Validate()
    {
        var faults = new List<string>();
        if (Parameters is null)
        {
            faults.Add("Parameters is null.");
        }

        if (Scaling.Workers < 1)
        {
            faults.Add($"Scaling.Workers is {Scaling.Workers}; at least 1 is needed.");
        }

        if (Checkpoints.Keep is < 1)
        {
            faults.Add($"Checkpoints.Keep is {Checkpoints.Keep}; at least 1 must be kept, or null for all.");
        }

        if (Preprocessor is { IsFitted: false } && !Datasets.ContainsKey("train"))
        {
            faults.Add("Preprocessor is not fitted, and Datasets has no \"train\" to fit it on.");
        }

        if (faults.Count > 0)
        {
            throw new ArgumentException($"The trainer cannot run: {string.Join(" ", faults)}");
        }
    }
}
