using System.Net;
using Air.Orleans.Core.Jobs.Control;

namespace Air.Orleans.Core.Tests.Jobs;

public sealed class JobBookTests
{
    private static readonly DateTimeOffset Begin = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly SiloAddress Silo = SiloAddress.New(IPAddress.Loopback, 11111, 1);

    private readonly JobBook _book = new();

    [Fact]
    public void Submit_SameSubmissionTwice_IsOneJob()
    {
        var job = Job("a");

        Assert.True(_book.Submit(job, Begin));
        Assert.False(_book.Submit(job, Begin));
        Assert.Single(_book.All);
    }

    [Fact]
    public void Submit_NameOfAnother_IsRefusedAndSaysWhatToDo()
    {
        _book.Submit(Job("a"), Begin);

        Assert.Contains("air jobs delete a", Assert.Throws<AirException>(() => _book.Submit(Job("a"), Begin)).Message);
    }

    [Theory]
    [InlineData(0, JobState.Succeeded)]
    [InlineData(3, JobState.Failed)]
    public void Read_EndOfItsProcess_IsTheJobsEnd(int code, JobState state)
    {
        Run("a");

        Assert.True(_book.Read(new JobReport("a", 1, new JobEnd(code, null, false)), Begin));

        Assert.Equal(state, _book.Find("a")!.Info.State);
        Assert.Equal(code, _book.Find("a")!.Info.ExitCode);
    }

    [Fact]
    public void Read_EndOfAnEarlierAttempt_IsNoNews()
    {
        Run("a", retries: 1);
        _book.Lose("a", "its silo was lost", Begin);
        _book.Start("a", Silo, Begin);

        Assert.False(_book.Read(new JobReport("a", 1, new JobEnd(137, null, false)), Begin));
        Assert.Equal(JobState.Running, _book.Find("a")!.Info.State);
        Assert.Equal(2, _book.Find("a")!.Info.Attempt);
    }

    [Fact]
    public void Refuse_AttemptOnASiloThatDrains_WaitsAgainAndCountsAsNoRetry()
    {
        Run("a", retries: 1);
        _book.Refuse("a", 1);

        Assert.Equal(JobState.Pending, _book.Find("a")!.Info.State);
        Assert.Null(_book.Find("a")!.Silo);

        _book.Start("a", Silo, Begin);
        _book.Lose("a", "its silo was lost", Begin);
        Assert.Equal(JobState.Pending, _book.Find("a")!.Info.State);

        _book.Start("a", Silo, Begin);
        _book.Lose("a", "its silo was lost", Begin);
        Assert.Equal(JobState.Failed, _book.Find("a")!.Info.State);
        Assert.Contains("started 2 times", _book.Find("a")!.Info.Error);
    }

    /// <summary>An upgrade drains every silo, however many retries a job has.</summary>
    [Fact]
    public void Read_EndByASiloThatStops_BeginsAgainAndCountsAsNoRetry()
    {
        Run("a", retries: 1);
        for (var drained = 1; drained <= 5; drained++)
        {
            Assert.True(_book.Read(new JobReport("a", drained, new JobEnd(143, "ended", IsLost: true)), Begin));
            Assert.Equal(JobState.Pending, _book.Find("a")!.Info.State);
            _book.Start("a", Silo, Begin);
        }

        _book.Lose("a", "its silo was lost", Begin);

        Assert.Equal(JobState.Pending, _book.Find("a")!.Info.State);
    }

    /// <summary>Nobody has said that the program may run twice.</summary>
    [Fact]
    public void Read_EndByASiloThatStopsWithoutRetries_Fails()
    {
        Run("a");

        _book.Read(new JobReport("a", 1, new JobEnd(143, "ended", IsLost: true)), Begin);

        var job = _book.Find("a")!.Info;
        Assert.Equal(JobState.Failed, job.State);
        Assert.Contains("its silo stopped", job.Error);
        Assert.Contains("--retries", job.Error);
    }

    [Fact]
    public void Lose_WithoutRetries_FailsAndSaysWhatToDo()
    {
        Run("a");

        _book.Lose("a", "its silo was lost", Begin);

        var job = _book.Find("a")!.Info;
        Assert.Equal(JobState.Failed, job.State);
        Assert.Contains("silo was lost", job.Error);
        Assert.Contains("--retries", job.Error);
    }

    [Fact]
    public void Lose_MoreOftenThanItsRetries_Fails()
    {
        Run("a", retries: 1);
        _book.Lose("a", "its silo was lost", Begin);
        Assert.Equal(JobState.Pending, _book.Find("a")!.Info.State);
        _book.Start("a", Silo, Begin);

        _book.Lose("a", "its silo was lost", Begin);

        Assert.Equal(JobState.Failed, _book.Find("a")!.Info.State);
    }

    [Fact]
    public void Stop_BeforeAndWhileItRuns_EndsStopped()
    {
        _book.Submit(Job("waits"), Begin);
        Run("runs", retries: 5);

        Assert.True(_book.Stop("waits", Begin));
        Assert.True(_book.Stop("runs", Begin));
        Assert.False(_book.Stop("runs", Begin));
        _book.Lose("runs", "its silo was lost", Begin);

        Assert.All(_book.All, static job => Assert.Equal(JobState.Stopped, job.Info.State));
    }

    [Fact]
    public void Remove_OfARunningJob_IsRefused()
    {
        Run("a");

        Assert.Contains("air jobs stop a", Assert.Throws<AirException>(() => _book.Remove("a")).Message);
    }

    [Fact]
    public void Surplus_OfManyEnded_IsTheOldest()
    {
        for (var i = 0; i <= JobBook.KeptEnded; i++)
        {
            Run($"j{i}");
            _book.Read(new JobReport($"j{i}", 1, new JobEnd(0, null, false)), Begin.AddSeconds(i));
        }

        Assert.Equal(["j0"], _book.Surplus());
    }

    private void Run(string name, int retries = 0)
    {
        _book.Submit(Job(name, retries), Begin);
        _book.Start(name, Silo, Begin);
    }

    private static JobSubmission Job(string name, int retries = 0) =>
        new(Guid.NewGuid(), name, new string('a', 64), "a.dll", [], [], new ResourceSet(), retries);
}
