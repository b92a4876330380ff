using System.Net.Http.Json;
using System.Text.Json;
using Air.Orleans.Core;
using Air.Orleans.Serve;
using Air.Orleans.Train;
using Polly;
using Polly.Retry;

namespace Air.Orleans.Cluster.Tests.Draining;

/// <summary>A deployment under load from the client API and over HTTP; any request that fails ends the load with its error.</summary>
internal sealed class Serving : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    /// <summary>What docs/serve.md tells clients to do: another silo's URL, after a moment.</summary>
    private static readonly ResiliencePipeline Again = new ResiliencePipelineBuilder()
        .AddRetry(
            new RetryStrategyOptions
            {
                ShouldHandle = static it =>
                    ValueTask.FromResult(
                        it.Outcome.Exception
                            is IOException
                                or TimeoutException
                                or HttpRequestException
                                {
                                    StatusCode: null or >= System.Net.HttpStatusCode.InternalServerError
                                }
                    ),
                MaxRetryAttempts = 20,
                BackoffType = DelayBackoffType.Exponential,
                Delay = TimeSpan.FromMilliseconds(50),
                MaxDelay = TimeSpan.FromSeconds(3),
            }
        )
        .Build();

    private readonly IAirCluster _air;
    private readonly ServeEndpoint _endpoint;
    private readonly double _weight;
    private readonly CancellationTokenSource _ending = new();
    private Task<int>[] _loads = [];

    private Serving(IAirCluster air, ServeEndpoint endpoint, double weight) =>
        (_air, _endpoint, _weight) = (air, endpoint, weight);

    public static async Task<Serving> StartAsync(IAirCluster air, int replicas)
    {
        var trained = await air.FitAsync(PausingLoop.Trainer(air, pauseBefore: null)).WaitAsync(Limit);
        var deployment = PredictorDeployment.From(trained.Checkpoint!, new WeightPredictor()) with
        {
            FeatureColumns = ["id"],
            Replicas = replicas,
        };
        var endpoint = await air.Serve.RunAsync(deployment, "weights").WaitAsync(Limit);
        var serving = new Serving(air, endpoint, trained.Metrics["weight"]);
        serving._loads = [serving.CallAsync(), serving.CallAsync(), serving.PostAsync(), serving.PostAsync()];
        return serving;
    }

    /// <summary>A silo on which a replica stands.</summary>
    public async Task<SiloProcess> SiloOfAReplicaAsync(SiloProcesses silos)
    {
        var replicas = Assert.Single(await _air.Serve.StatusAsync()).Replicas;
        return silos.All.First(silo =>
            replicas.Any(replica => replica.Silo.Contains($":{silo.SiloPort}:", StringComparison.Ordinal))
        );
    }

    /// <summary>Ends the load; how many requests each of its parts had answered.</summary>
    public async Task<int[]> EndAsync()
    {
        await _ending.CancelAsync();
        return await Task.WhenAll(_loads);
    }

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        _ending.Dispose();
    }

    private async Task<int> CallAsync()
    {
        var handle = _endpoint.Handle<Dictionary<string, double>, double>();
        var answered = 0;
        for (; !_ending.IsCancellationRequested; answered++)
        {
            var answer = await handle.PredictAsync(Row(answered), CancellationToken.None);
            Assert.Equal(_weight * (answered % 1000), answer, 2);
        }

        return answered;
    }

    private async Task<int> PostAsync()
    {
        using var http = new HttpClient();
        var url = _endpoint.Url!;
        var answered = 0;
        for (; !_ending.IsCancellationRequested; answered++)
        {
            var tries = 0;
            var answer = await Again.ExecuteAsync(async cancellation =>
            {
                if (tries++ > 0)
                {
                    var urls = await _endpoint.UrlsAsync(cancellation);
                    url = urls[tries % urls.Count];
                }

                using var response = await http.PostAsJsonAsync(url, new[] { Row(answered) }, cancellation);
                response.EnsureSuccessStatusCode();
                var body = await response.Content.ReadFromJsonAsync<JsonElement>(cancellation);
                return body.GetProperty("predictions")[0].GetDouble();
            });
            Assert.Equal(_weight * (answered % 1000), answer, 2);
        }

        return answered;
    }

    private static Dictionary<string, double> Row(int id) => new() { ["id"] = id % 1000 };
}
