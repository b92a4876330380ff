using System.Net;
using Air.Orleans.Serve.Tests.Cluster;

namespace Air.Orleans.Serve.Tests.Replicas;

public sealed class BatchingTests : IAsyncLifetime
{
    private readonly string _gate = Guid.NewGuid().ToString();
    private ServeCluster _cluster = null!;

    private Gate State => Gate.Of(_gate);

    public async Task InitializeAsync() => _cluster = await ServeCluster.StartAsync();

    public async Task DisposeAsync()
    {
        State.Open.Set();
        await _cluster.DisposeAsync();
    }

    [Fact]
    public async Task Post_ManyAtOnce_EachGetsItsOwnRowsAnswers()
    {
        var endpoint = await RunAsync(replicas: 2, maxOngoing: 1000);
        var requests = Enumerable
            .Range(0, 300)
            .Select(async i =>
            {
                var rows = Enumerable.Range(i, 1 + (i % 5)).Select(static v => (A: (double)v, B: 1000.0 - v)).ToList();
                var body = $"[{string.Join(",", rows.Select(static row => $"{{\"a\":{row.A},\"b\":{row.B}}}"))}]";
                var predictions = await _cluster.PostAsync(endpoint.Url, body).PredictionsAsync();
                Assert.Equal(
                    rows.Select(static row => LinearModels.Expected(row.A, row.B)),
                    predictions,
                    static (expected, actual) => Math.Abs(expected - actual) < 1e-2
                );
            });
        await Task.WhenAll(requests);
    }

    [Fact]
    public async Task Post_WhileABatchRuns_AreScoredTogetherUpToTheMaximum()
    {
        var endpoint = await RunAsync(maxBatchSize: 4);
        State.Open.Reset();
        var first = PostAsync(endpoint, 0);
        await State.Entered.WaitAsync();
        var others = Enumerable.Range(1, 6).Select(i => PostAsync(endpoint, i)).ToArray();
        await OngoingAsync(7);
        State.Open.Set();
        Assert.Equal(LinearModels.Expected(0, 20), (await first)[0], 1e-3);
        for (var i = 0; i < others.Length; i++)
        {
            Assert.Equal(LinearModels.Expected(i + 1, 20), (await others[i])[0], 1e-3);
        }

        Assert.Equal([1, 4, 2], State.BatchRows);
    }

    [Fact]
    public async Task Post_OneRequestOfABatchFails_TheOthersAreAnswered()
    {
        var endpoint = await RunAsync();
        State.Open.Reset();
        var first = PostAsync(endpoint, 0);
        await State.Entered.WaitAsync();
        var good = PostAsync(endpoint, 1);
        var failing = _cluster.PostAsync(endpoint.Url, """{"a": 1e9, "b": 20}""");
        var lacking = _cluster.PostAsync(endpoint.Url, """{"a": null, "b": 20}""");
        await OngoingAsync(4);
        State.Open.Set();
        await first;
        Assert.Equal(LinearModels.Expected(1, 20), (await good)[0], 1e-3);
        Assert.Contains("the model exploded", await failing.ProblemAsync(HttpStatusCode.InternalServerError));
        Assert.Contains("Row 0 has no value for 'a'", await lacking.ProblemAsync(HttpStatusCode.BadRequest));
    }

    [Fact]
    public async Task Post_EveryReplicaBusy_Gives503AndTheOthersAreAnswered()
    {
        var endpoint = await RunAsync(replicas: 2, maxOngoing: 2);
        State.Open.Reset();
        var taken = Enumerable.Range(0, 4).Select(i => PostAsync(endpoint, i)).ToArray();
        await OngoingAsync(4);
        var detail = await _cluster
            .PostAsync(endpoint.Url, """{"a": 1, "b": 2}""")
            .ProblemAsync(HttpStatusCode.ServiceUnavailable);
        Assert.Contains("MaxOngoingRequests", detail);
        State.Open.Set();
        for (var i = 0; i < taken.Length; i++)
        {
            Assert.Equal(LinearModels.Expected(i, 20), (await taken[i])[0], 1e-3);
        }
    }

    [Fact]
    public async Task DeleteAsync_WhileRequestsRun_AnswersThemFirst()
    {
        var endpoint = await RunAsync();
        State.Open.Reset();
        var running = PostAsync(endpoint, 3);
        await State.Entered.WaitAsync();
        var deleting = _cluster.Serve.DeleteAsync("gated");
        Assert.False(deleting.IsCompleted);
        State.Open.Set();
        Assert.True(await deleting);
        Assert.Equal(LinearModels.Expected(3, 20), (await running)[0], 1e-3);
        Assert.Equal(1, State.Disposed);
    }

    private Task<List<double>> PostAsync(ServeEndpoint endpoint, int a) =>
        _cluster.PostAsync(endpoint.Url, $$"""{"a": {{a}}, "b": 20}""").PredictionsAsync();

    /// <summary>Waits until the replicas have so many requests.</summary>
    private async Task OngoingAsync(int count)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (true)
        {
            var status = Assert.Single(await _cluster.Serve.StatusAsync(limit.Token));
            if (status.Replicas.Sum(static replica => replica.OngoingRequests) == count)
            {
                return;
            }

            limit.Token.ThrowIfCancellationRequested();
        }
    }

    private async Task<ServeEndpoint> RunAsync(int replicas = 1, int maxBatchSize = 32, int maxOngoing = 100) =>
        await _cluster.Serve.RunAsync(
            PredictorDeployment.From(await _cluster.LinearAsync(), new GatedPredictor(_gate)) with
            {
                Replicas = replicas,
                MaxBatchSize = maxBatchSize,
                MaxOngoingRequests = maxOngoing,
            },
            "gated"
        );
}
