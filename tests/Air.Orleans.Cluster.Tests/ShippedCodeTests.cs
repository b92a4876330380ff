using Air.Orleans.Core;
using Air.Orleans.Data;
using Air.Orleans.Quickstart;
using Air.Orleans.Serve;
using Air.Orleans.Tests;
using Air.Orleans.Train;

namespace Air.Orleans.Cluster.Tests;

/// <summary>Silos that know nothing of the user's code, which the client ships.</summary>
public sealed class ShippedCodeTests : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private SiloProcesses _silos = null!;

    public async Task InitializeAsync() =>
        _silos = await SiloProcesses.StartInFolderAsync(_folder.Path, count: 2, load: false);

    public async Task DisposeAsync()
    {
        await _silos.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task MapBatches_OnSilosWithoutItsCode_GivesItsRows()
    {
        var limit = 3;
        var kinds = new[] { new Kind("small", 2), new Kind("large", 9) };

        var rows = await _silos
            .Air.Data.Range(10)
            .Filter(row => row.Get<long>("id") > limit && kinds.Any(kind => kind.From <= row.Get<long>("id")))
            .CountAsync();

        Assert.Equal(6, rows);
        Assert.Contains(
            await _silos.Air.Code.ListAsync(),
            static code => code.Name.Contains("Air.Orleans.Cluster.Tests")
        );
    }

    [Fact]
    public async Task Quickstart_OnSilosWithoutItsCode_EndsAndSurvivesThem()
    {
        var report = await new QuickstartProgram(
            _silos.Air,
            new QuickstartOptions { DataFile = Repository.Data, Samples = 2 },
            new SilentProgress()
        )
            .RunAsync()
            .WaitAsync(TimeSpan.FromMinutes(4));

        Assert.True(report.Train.Accuracy > 0.9);
        var code = Assert.Single(await _silos.Air.Code.ListAsync());
        Assert.Contains("Air.Orleans.Quickstart", code.Name);
    }

    [Fact]
    public async Task KillAll_WithShippedCodeInTheStorage_RunsOnNewSilosWithoutSendingAgain()
    {
        var limit = 3;
        var rows = _silos.Air.Data.Range(10).Filter(row => row.Get<long>("id") > limit);
        Assert.Equal(6, await rows.CountAsync());
        var sent = await _silos.Air.Code.ListAsync();

        await _silos.KillAllAsync();
        await _silos.StartAllAsync(2);

        // The same packed filter, over rows that no silo has computed.
        Assert.Equal(6, await rows.Filter(row => row.Get<long>("id") >= 0).CountAsync());
        Assert.Equal(
            sent.Select(static code => code.Hash),
            (await _silos.Air.Code.ListAsync()).Select(static code => code.Hash)
        );
    }

    [Fact]
    public async Task KillAll_UnderADeploymentOfShippedCode_AnswersAgainFromTheStorage()
    {
        var limit = TimeSpan.FromMinutes(2);
        var trained = await _silos.Air.FitAsync(PausingLoop.Trainer(_silos.Air, pauseBefore: null)).WaitAsync(limit);
        var deployment = PredictorDeployment.From(trained.Checkpoint!, new WeightPredictor());
        _ = await _silos.Air.Serve.RunAsync(deployment with { FeatureColumns = ["id"] }, "weights").WaitAsync(limit);
        var sent = (await _silos.Air.Code.ListAsync()).Select(static code => code.Hash).ToList();

        await _silos.KillAllAsync();
        await _silos.StartAllAsync(2);
        // Another client, which has packed nothing.
        await using var air = await _silos.ConnectAsync();
        var endpoint = await air.Serve.GetAsync("weights").WaitAsync(limit);
        var answer = await endpoint
            .PredictAsync<Dictionary<string, double>, double>(new Dictionary<string, double> { ["id"] = 2 })
            .WaitAsync(limit);

        Assert.NotEmpty(sent);
        Assert.Equal(trained.Metrics["weight"] * 2, answer, 5);
        Assert.Equal(sent, (await air.Code.ListAsync()).Select(static code => code.Hash));
    }

    private sealed record Kind(string Name, int From);
}
