using System.CommandLine;
using Air.Orleans.Quickstart;
using Air.Orleans.Silo;
using Spectre.Console;

namespace Air.Orleans.CommandLine;

/// <summary><c>air quickstart</c>: the README's program on an embedded cluster, or on silos in other processes.</summary>
internal static class QuickstartCommand
{
    public static Command Create()
    {
        var workers = new Option<int>("--workers")
        {
            Description = "How many workers train together, one CPU each",
            DefaultValueFactory = static _ => 2,
        };
        var samples = new Option<int>("--samples")
        {
            Description = "How many trials the search makes",
            DefaultValueFactory = static _ => 5,
        };
        var seed = new Option<int>("--seed")
        {
            Description = "Seeds everything: the same seed gives the same numbers",
            DefaultValueFactory = static _ => 7,
        };
        var data = new Option<FileInfo?>("--data")
        {
            Description = "A CSV file with the columns of data/breast_cancer.csv, in any order",
        };
        var cluster = new Option<string?>("--cluster")
        {
            Description =
                "The cluster of running silos, as file:///path or redis://host:port; else AIR_CLUSTER; without either, one is started in this process",
        };
        var json = new Option<bool>("--json") { Description = "Print one JSON object and nothing else" };
        workers.Validators.Add(result => AtLeastOne(result, workers));
        samples.Validators.Add(result => AtLeastOne(result, samples));

        var command = new Command("quickstart", "Read, scale, train, tune, predict and serve, on real data")
        {
            workers,
            samples,
            seed,
            data,
            cluster,
            json,
        };
        var security = new SecurityFlags(command, isSilo: false);
        command.SetAction(
            (parsed, cancellationToken) =>
            {
                var options = new QuickstartOptions
                {
                    Workers = parsed.GetValue(workers),
                    Samples = parsed.GetValue(samples),
                    Seed = parsed.GetValue(seed),
                };
                if (parsed.GetValue(data) is { } file)
                {
                    options = options with { DataFile = file.FullName };
                }

                return RunAsync(
                    options,
                    parsed.GetValue(cluster),
                    security.Values(parsed),
                    parsed.GetValue(json),
                    cancellationToken
                );
            }
        );
        return command;
    }

    private static void AtLeastOne(System.CommandLine.Parsing.OptionResult result, Option<int> option)
    {
        if (result.GetValueOrDefault<int>() < 1)
        {
            result.AddError($"{option.Name} must be at least 1.");
        }
    }

    private static Task<int> RunAsync(
        QuickstartOptions options,
        string? cluster,
        IReadOnlyDictionary<string, string?> security,
        bool json,
        CancellationToken cancellationToken
    ) =>
        Border.RunAsync(async () =>
        {
            if (json || Console.IsOutputRedirected)
            {
                var lines = new PlainProgress(json ? Console.Error : Console.Out);
                Print(await RunAsync(options, cluster, security, lines, cancellationToken), json);
            }
            else
            {
                QuickstartReport? report = null;
                await AnsiConsole
                    .Progress()
                    .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new ElapsedTimeColumn())
                    .StartAsync(async bars =>
                        report = await RunAsync(options, cluster, security, new BarProgress(bars), cancellationToken)
                    );
                Print(report!, json);
            }

            return 0;
        });

    private static async Task<QuickstartReport> RunAsync(
        QuickstartOptions options,
        string? cluster,
        IReadOnlyDictionary<string, string?> security,
        IQuickstartProgress progress,
        CancellationToken cancellationToken
    )
    {
        progress.Begin("cluster");
        var uri = ClientConfiguration.Cluster(cluster);
        await using var air = uri is null
            ? await AirCluster.StartLocalAsync(cancellationToken: cancellationToken)
            : await AirCluster.ConnectAsync(
                uri,
                security: ClientConfiguration.Security(security),
                cancellationToken: cancellationToken
            );
        progress.End("cluster", uri is null ? "embedded, in this process" : $"connected to {uri}");
        return await new QuickstartProgram(air, options, progress).RunAsync(cancellationToken);
    }

    private static void Print(QuickstartReport report, bool json)
    {
        if (json)
        {
            Console.Out.WriteLine(JsonText.Of(report));
            return;
        }

        Console.Out.WriteLine();
        Console.Out.WriteLine($"rows      {report.Rows}");
        Console.Out.WriteLine($"train     loss {report.Train.Loss:F4}, accuracy {report.Train.Accuracy:P1}");
        foreach (var trial in report.Tune.Trials)
        {
            var mark = trial.Index == report.Tune.Best.Index ? "  best" : "";
            Console.Out.WriteLine(
                $"trial {trial.Index}   learning rate {trial.LearningRate:G3}, {trial.Iterations} epochs, "
                    + $"loss {trial.Loss:F4}, accuracy {trial.Accuracy:P1}, {trial.State}{mark}"
            );
        }

        Console.Out.WriteLine($"predict   {report.Predict.Rows} held-out rows, accuracy {report.Predict.Accuracy:P1}");
        Console.Out.WriteLine($"serve     POST {report.Serve.Url}: P(benign) = {report.Serve.HttpPrediction:P2}");
        Console.Out.WriteLine(
            $"seconds   {string.Join(", ", report.Seconds.Select(static pair => $"{pair.Key} {pair.Value:F2}"))}"
        );
    }
}
