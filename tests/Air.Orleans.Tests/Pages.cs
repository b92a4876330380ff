using Air.Orleans.Core;
using Air.Orleans.Quickstart;
using Air.Orleans.Serve;
using Air.Orleans.Torch;
using Air.Orleans.Tune;

namespace Air.Orleans.Tests;

/// <summary>The code of the pages in docs/, compiled here; ReadmeTests compares.</summary>
internal static class Pages
{
    internal sealed record Row(double Age);

    internal static async Task BlocksAsync(IAirCluster air, Apache.Arrow.RecordBatch batch)
    {
        // [blocks-page]
        BlockRef block = await air.Blocks.PutAsync(batch); // small: send it in grain calls, keep it in files

        await using (BlockLease lease = await air.Blocks.GetAsync(block)) // in any process of the cluster
        {
            Console.WriteLine(lease.Batch.Length); // views of shared memory, until the lease ends
        }

        await using BlockHold hold = await air.Blocks.HoldAsync(block); // this process keeps it too
        IReadOnlyList<string> silos = await air.Blocks.BroadcastAsync(block); // a copy on every silo
        await air.Blocks.FreeAsync(block); // whoever put it needs it no longer
        // [/blocks-page]
        Assert.NotEmpty(silos);
    }

    internal static async Task ServeAsync(
        IAirCluster air,
        Checkpoint checkpoint,
        IPredictor predictor,
        Row row,
        IReadOnlyList<Row> rows
    )
    {
        // [serve-page]
        await using var endpoint = await air.Serve.RunAsync(
            PredictorDeployment.From(checkpoint, predictor) with
            {
                Replicas = 2,
                Route = "/cancer",
            },
            name: "cancer"
        );

        double one = await endpoint.PredictAsync<Row, double>(row);
        var handle = endpoint.Handle<Row, double>(); // for many calls, from any thread
        IReadOnlyList<double> many = await handle.PredictAsync(rows); // one batch, same order

        await air.Serve.StatusAsync(); // deployments, versions, replicas
        await air.Serve.DeleteAsync("cancer"); // so does disposing the endpoint
        // [/serve-page]
        Assert.Equal(one, many[0]);
    }

    internal static async Task RunProgramAsync()
    {
        // [jobs-program]
        await using var air = await AirCluster.ConnectAsync(); // AIR_CLUSTER, which a job finds set
        // [/jobs-program]
        Assert.NotNull(air);
    }

    internal static async Task SubmitAsync(IAirCluster air)
    {
        // [jobs-page]
        JobInfo job = await air.Jobs.SubmitAsync(
            "publish/train.dll",
            new JobOptions { Arguments = ["--epochs", "20"], Retries = 2 }
        );
        await foreach (var line in air.Jobs.LogsAsync(job.Name, follow: true))
        {
            Console.WriteLine(line.Text);
        }

        job = await air.Jobs.WaitAsync(job.Name); // State, ExitCode, Error, Silo
        // [/jobs-page]
        Assert.True(job.State is JobState.Succeeded);
    }

    internal static async Task<Checkpoint?> TuneAsync(IAirCluster air, TorchTrainer<CancerParameters> trainer)
    {
        // [tune-page]
        var space = new SearchSpace<CancerParameters>()
            .LogUniform(p => p.LearningRate, 1e-4, 1e-1)
            .Choice(p => p.BatchSize, 32, 64);

        var grid = await air.FitAsync(
            new Tuner<CancerParameters>(trainer, space)
            {
                Config = new()
                {
                    Samples = 20,
                    Metric = "loss",
                    Mode = Mode.Min,
                    Scheduler = new Asha(),
                },
            }
        );
        CancerParameters best = grid.Best.Parameters;
        Checkpoint? checkpoint = grid.Best.Checkpoint;
        // [/tune-page]
        Assert.NotNull(best);
        return checkpoint;
    }
}
