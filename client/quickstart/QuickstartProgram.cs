using System.Diagnostics;
using Air.Orleans.Core;
using Air.Orleans.Data;
using Air.Orleans.Serve;
using Air.Orleans.Torch;
using Air.Orleans.Train;
using Air.Orleans.Tune;
using Apache.Arrow;

namespace Air.Orleans.Quickstart;

/// <summary>The README's program: read, scale, train, tune, predict and serve, on any cluster.</summary>
/// <param name="air">Where it runs.</param>
/// <param name="options">What is changed of it.</param>
/// <param name="progress">Is told how it goes on.</param>
public sealed class QuickstartProgram(IAirCluster air, QuickstartOptions options, IQuickstartProgress progress)
{
    private readonly Dictionary<string, double> _seconds = [];

    /// <summary>Runs all steps.</summary>
    /// <exception cref="AirException">A step failed; the message says why.</exception>
    public async Task<QuickstartReport> RunAsync(CancellationToken cancellationToken = default)
    {
        var total = Stopwatch.StartNew();
        var (workers, samples, seed) = (options.Workers, options.Samples, options.Seed);

        // [read]
        // A Dataset is a lazy plan over Arrow blocks. No row moves until something asks for rows.
        Dataset data = air.Data.ReadCsv(options.DataFile);
        var (train, valid) = data.TrainTestSplit(testSize: 0.3, seed: seed);
        // [/read]
        var rows = await StepAsync(
            "read",
            async () => (await data.CountAsync(cancellationToken), await valid.CountAsync(cancellationToken)),
            static counts => $"{counts.Item1} rows, {counts.Item2} held out"
        );

        // [scale]
        // Fitted on the training rows only, inside the trainer; the fitted state rides in every checkpoint.
        var preprocessor = new Chain(
            new StandardScaler { Exclude = ["target"] },
            new Concatenator { Exclude = ["target"], Output = "features" }
        );
        // [/scale]

        // [train]
        var trainer = new TorchTrainer<CancerParameters>(new CancerLoop())
        {
            Parameters = new()
            {
                LearningRate = 1e-3,
                Epochs = 20,
                BatchSize = 16,
            },
            Datasets = { ["train"] = train, ["valid"] = valid },
            Preprocessor = preprocessor,
            Scaling = new() { Workers = workers },
            Run = new() { Seed = seed },
            Checkpoints = new()
            {
                Keep = 1,
                Metric = "loss",
                Mode = Mode.Min,
            },
        };
        // [/train]
        var result = await StepAsync(
            "train",
            () => air.FitAsync(trainer, OnEpoch(trainer.Parameters.Epochs), cancellationToken),
            static result => $"loss {result.Metrics["loss"]:F4}, accuracy {result.Metrics["accuracy"]:P1}"
        );

        // [tune]
        // The same trainer under a search. Keys are lambdas: a renamed parameter is a compile error.
        var space = new SearchSpace<CancerParameters>().LogUniform(p => p.LearningRate, 1e-3, 1e-1);
        var tuner = new Tuner<CancerParameters>(trainer, space)
        {
            Config = new()
            {
                Samples = samples,
                Metric = "loss",
                Mode = Mode.Min,
                Scheduler = new Asha
                {
                    MaxIterations = 20,
                    GracePeriod = 4,
                    Reproducible = true,
                },
                Seed = seed,
            },
        };
        // [/tune]
        var grid = await StepAsync(
            "tune",
            () => air.FitAsync(tuner, OnTrials(samples), cancellationToken),
            static grid =>
                $"best learning rate {grid.Best.Parameters!.LearningRate:G3}, loss {grid.Best.Metrics["loss"]:F4}"
        );

        // [predict]
        // Batch prediction takes raw rows: the checkpoint carries the preprocessor.
        Checkpoint best = grid.Best.Checkpoint!;
        var predictor = new TorchPredictor<CancerParameters>(CancerModel.Create)
        {
            Output = logits => logits.sigmoid(),
        };
        var scored = new BatchPredictor(best, predictor) { KeepColumns = ["target"] }.Predict(valid);
        // [/predict]
        var predicted = await StepAsync(
            "predict",
            () => AccuracyAsync(scored, cancellationToken),
            static part => $"{part.Rows} rows, accuracy {part.Accuracy:P1}"
        );

        var served = await StepAsync(
            "serve",
            async () =>
            {
                // [serve]
                await using var endpoint = await air.Serve.RunAsync(
                    PredictorDeployment.From(best, predictor) with
                    {
                        Replicas = 2,
                        Route = "/cancer",
                    },
                    name: "cancer"
                );
                Dictionary<string, double> patient = await FirstRowAsync(valid.DropColumns("target"));
                double benign = await endpoint.PredictAsync<Dictionary<string, double>, double>(patient);
                // [/serve]
                progress.Advance(0.5, "answered through the handle");
                var (overHttp, url) = await HttpPrediction.PostAsync(endpoint, patient, cancellationToken);
                return new QuickstartReport.ServePart(benign, overHttp, url.ToString());
            },
            static part => $"P(benign) = {part.Prediction:P1} for the first held-out row"
        );

        _seconds["total"] = Math.Round(total.Elapsed.TotalSeconds, 3);
        return new QuickstartReport
        {
            Rows = rows.Item1,
            Train = new(result.Metrics["loss"], result.Metrics["accuracy"]),
            Tune = new([.. grid.Trials.Select(ToPart)], ToPart(grid.Best)),
            Predict = predicted,
            Serve = served,
            Seconds = _seconds,
        };
    }

    private async Task<T> StepAsync<T>(string step, Func<Task<T>> work, Func<T, string> outcome)
    {
        progress.Begin(step);
        var watch = Stopwatch.StartNew();
        var result = await work();
        _seconds[step] = Math.Round(watch.Elapsed.TotalSeconds, 3);
        progress.End(step, outcome(result));
        return result;
    }

    private StepProgress<TrainProgress> OnEpoch(int epochs) =>
        new(now =>
            progress.Advance(
                (double)now.Iteration / epochs,
                now.Metrics.TryGetValue("loss", out var loss) ? $"epoch {now.Iteration}, loss {loss:F4}" : now.Detail
            )
        );

    private StepProgress<TuneProgress> OnTrials(int samples) =>
        new(now =>
        {
            var ended = now.Trials.Count(static trial => trial.State is not (TrialState.Pending or TrialState.Running));
            progress.Advance((double)ended / samples, $"{ended} of {samples} trials ended");
        });

    private static async Task<QuickstartReport.PredictPart> AccuracyAsync(
        Dataset scored,
        CancellationToken cancellationToken
    )
    {
        long rows = 0;
        long correct = 0;
        await foreach (var batch in scored.IterBatchesAsync(cancellationToken: cancellationToken))
        {
            var targets = (Int64Array)batch.Column("target");
            var predictions = (FloatArray)batch.Column("predictions");
            for (var i = 0; i < batch.Length; i++)
            {
                rows++;
                correct += predictions.GetValue(i) > 0.5 == (targets.GetValue(i) == 1) ? 1 : 0;
            }
        }

        return new(rows, (double)correct / rows);
    }

    private static async Task<Dictionary<string, double>> FirstRowAsync(Dataset rows)
    {
        var first = (await rows.TakeAsync(1))[0];
        return first.Columns.ToDictionary(static name => name, name => first.Get<double>(name));
    }

    private static QuickstartReport.TrialPart ToPart(TrialResult<CancerParameters> trial) =>
        new(
            trial.Index,
            trial.Parameters?.LearningRate ?? 0,
            trial.State.ToString(),
            trial.History.Count,
            trial.Metrics.GetValueOrDefault("loss", double.NaN),
            trial.Metrics.GetValueOrDefault("accuracy", double.NaN)
        );
}
