using System.Globalization;
using System.Text.RegularExpressions;
using Air.Orleans.Core;
using Air.Orleans.Data;
using Air.Orleans.Serve;
using Air.Orleans.Tests;
using Air.Orleans.Train;

namespace Air.Orleans.Cluster.Tests;

/// <summary>What runs and deployments do when silos are killed and nobody asks for them.</summary>
public sealed partial class RecoveryTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task Training_EverySiloKilled_IsInterruptedAndGoesOnWhenItIsResumed()
    {
        using var folder = new TemporaryFolder();
        await using (var silos = await SiloProcesses.StartInFolderAsync(folder.Path, count: 2))
        {
            _ = await StartAsync(silos.Air, "lost");
            await silos.KillAllAsync();
        }

        await using var again = await SiloProcesses.StartInFolderAsync(folder.Path, count: 2);
        var interrupted = await again.Air.Runs.WaitAsync("lost").WaitAsync(Limit);
        await again.Air.Runs.ResumeAsync("lost");
        var ended = await again.Air.Runs.WaitAsync("lost").WaitAsync(Limit);
        var result = await again.Air.FitAsync(Trainer(again.Air, "lost")).WaitAsync(Limit);

        Assert.Equal(RunState.Interrupted, interrupted.State);
        Assert.Equal(RunState.Succeeded, ended.State);
        Assert.Equal(20, result.History.Count);
    }

    [Fact]
    public async Task Training_ClientGoneAndSiloKilled_ComesToItsEndByItself()
    {
        using var folder = new TemporaryFolder();
        await using var silos = await SiloProcesses.StartInFolderAsync(folder.Path);
        int port;
        var first = await silos.ConnectAsync();
        try
        {
            port = await StartAsync(first, "alone");
        }
        finally
        {
            await first.DisposeAsync();
        }

        silos.At(port).Kill();
        var ended = await silos.Air.Runs.WaitAsync("alone").WaitAsync(Limit);

        Assert.Equal(RunState.Succeeded, ended.State);
    }

    [Fact]
    public async Task Serving_SiloOfAReplicaKilledUnderLoad_NoRequestFailsAndTheReplicaComesBack()
    {
        using var folder = new TemporaryFolder();
        await using var silos = await SiloProcesses.StartInFolderAsync(folder.Path);
        var trained = await silos.Air.FitAsync(Trainer(silos.Air, null, pauseBefore: null)).WaitAsync(Limit);
        var weight = trained.Metrics["weight"];
        var deployment = PredictorDeployment.From(trained.Checkpoint!, new WeightPredictor()) with
        {
            FeatureColumns = ["id"],
            Replicas = 3,
        };
        await using var endpoint = await silos.Air.Serve.RunAsync(deployment, "weights");
        var handle = endpoint.Handle<Dictionary<string, double>, double>();
        using var ending = new CancellationTokenSource();
        var loads = Enumerable.Range(0, 4).Select(_ => LoadAsync(handle, weight, ending.Token)).ToArray();
        var doomed = silos.All[0];

        doomed.Kill();
        var replicas = await ReplicasElsewhereAsync(silos.Air, doomed.SiloPort).WaitAsync(Limit);
        await ending.CancelAsync();
        var answered = await Task.WhenAll(loads).WaitAsync(Limit);

        Assert.Equal(3, replicas);
        Assert.All(answered, static count => Assert.True(count > 0));
    }

    [Fact]
    public async Task Deployment_EverySiloKilled_ComesBackByItself()
    {
        using var folder = new TemporaryFolder();
        double weight;
        await using (var silos = await SiloProcesses.StartInFolderAsync(folder.Path, count: 2))
        {
            var trained = await silos.Air.FitAsync(Trainer(silos.Air, null, pauseBefore: null)).WaitAsync(Limit);
            weight = trained.Metrics["weight"];
            var deployment = PredictorDeployment.From(trained.Checkpoint!, new WeightPredictor());
            _ = await silos.Air.Serve.RunAsync(deployment with { FeatureColumns = ["id"] }, "weights");
            await silos.KillAllAsync();
        }

        await using var again = await SiloProcesses.StartInFolderAsync(folder.Path, count: 2);
        var endpoint = await again.Air.Serve.GetAsync("weights").WaitAsync(Limit);
        var answer = await endpoint
            .PredictAsync<Dictionary<string, double>, double>(new Dictionary<string, double> { ["id"] = 2 })
            .WaitAsync(Limit);

        Assert.Equal(weight * 2, answer, 5);
        Assert.Equal(RunState.Running, (await again.Air.Runs.GetAsync("weights")).State);
    }

    /// <summary>Asks until it is told to end; any failure ends it with its error.</summary>
    private static async Task<int> LoadAsync(
        DeploymentHandle<Dictionary<string, double>, double> handle,
        double weight,
        CancellationToken cancellationToken
    )
    {
        var answered = 0;
        for (; !cancellationToken.IsCancellationRequested; answered++)
        {
            var row = new Dictionary<string, double> { ["id"] = answered };
            var answer = await handle.PredictAsync(row, CancellationToken.None);
            Assert.Equal(weight * answered, answer, 3);
        }

        return answered;
    }

    /// <summary>How many replicas are loaded, once none is on the silo.</summary>
    private static async Task<int> ReplicasElsewhereAsync(IAirCluster air, int port)
    {
        while (true)
        {
            var replicas = Assert.Single(await air.Serve.StatusAsync()).Replicas;
            if (
                replicas.All(replica =>
                    replica.IsReady && !replica.Silo.Contains($":{port}:", StringComparison.Ordinal)
                )
            )
            {
                return replicas.Count;
            }
        }
    }

    /// <summary>Starts a training that pauses after 7 reports; gives the silo port of its workers once it does.</summary>
    private static async Task<int> StartAsync(IAirCluster air, string name)
    {
        var paused = new Paused();
        var fitting = air.FitAsync(Trainer(air, name), paused);
        var first = await Task.WhenAny(paused.Port, fitting).WaitAsync(Limit);
        return first == fitting ? throw new InvalidOperationException("The run has ended.") : await paused.Port;
    }

    private static DataParallelTrainer<PausingParameters> Trainer(
        IAirCluster air,
        string? name,
        int? pauseBefore = 7
    ) =>
        new(new PausingLoop())
        {
            Parameters = new() { PauseBefore = pauseBefore },
            Datasets = { ["train"] = air.Data.Range(100, blocks: 5) },
            Scaling = new() { Workers = 2 },
            Run = new() { Name = name },
            Checkpoints = new() { Keep = 2 },
        };

    private sealed partial class Paused : IProgress<TrainProgress>
    {
        private readonly TaskCompletionSource<int> _port = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<int> Port => _port.Task;

        public void Report(TrainProgress value)
        {
            if (value is { Iteration: 7, Silo: { } silo } && SiloPort().Match(silo) is { Success: true } match)
            {
                _port.TrySetResult(int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture));
            }
        }

        [GeneratedRegex(@"127\.0\.0\.1:(\d+)")]
        private static partial Regex SiloPort();
    }
}
