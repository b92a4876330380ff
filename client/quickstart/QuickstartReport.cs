namespace Air.Orleans.Quickstart;

/// <summary>What the quick start found, in the form of its <c>--json</c>.</summary>
public sealed record QuickstartReport
{
    /// <summary>How many rows the file has.</summary>
    public long Rows { get; init; }

    /// <summary>The training with the parameters as they stand.</summary>
    public required TrainPart Train { get; init; }

    /// <summary>The search.</summary>
    public required TunePart Tune { get; init; }

    /// <summary>Batch prediction of the held-out rows with the tuned model.</summary>
    public required PredictPart Predict { get; init; }

    /// <summary>The served model.</summary>
    public required ServePart Serve { get; init; }

    /// <summary>How long each step took, in seconds, and all of them.</summary>
    public required IReadOnlyDictionary<string, double> Seconds { get; init; }

    /// <summary>The last metrics of the training.</summary>
    public sealed record TrainPart(double Loss, double Accuracy);

    /// <summary>The trials in order, and the best of them.</summary>
    public sealed record TunePart(IReadOnlyList<TrialPart> Trials, TrialPart Best);

    /// <summary>One trial: its parameters, how it ended, and its last metrics.</summary>
    public sealed record TrialPart(
        int Index,
        double LearningRate,
        string State,
        int Iterations,
        double Loss,
        double Accuracy
    );

    /// <summary>How many rows were scored, and which share rightly.</summary>
    public sealed record PredictPart(long Rows, double Accuracy);

    /// <summary>The prediction for the first held-out row, by handle and by HTTP.</summary>
    public sealed record ServePart(double Prediction, double HttpPrediction, string Url);
}
