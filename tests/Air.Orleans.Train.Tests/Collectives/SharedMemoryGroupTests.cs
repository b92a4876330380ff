using Air.Orleans.Train.Collectives;

namespace Air.Orleans.Train.Tests.Collectives;

public sealed class SharedMemoryGroupTests
{
    private static readonly TimeSpan Generous = TimeSpan.FromSeconds(60);

    public static TheoryData<int, int> Shapes()
    {
        var shapes = new TheoryData<int, int>();
        foreach (var ranks in (int[])[1, 2, 3, 8])
        {
            foreach (var length in (int[])[0, 1, 15, 16, 17, 129, 100_003])
            {
                shapes.Add(ranks, length);
            }
        }

        shapes.Add(2, 1_000_000);
        return shapes;
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public async Task AllReduceSum_AnyRanksAndLength_AddsInTheOrderOfRanks(int ranks, int length)
    {
        var inputs = Enumerable.Range(0, ranks).Select(rank => Values(rank, length)).ToArray();
        var expected = new float[length];
        for (var i = 0; i < length; i++)
        {
            expected[i] = inputs[0][i];
            for (var rank = 1; rank < ranks; rank++)
            {
                expected[i] += inputs[rank][i];
            }
        }

        var errors = await RunAsync(ranks, (member, rank) => member.AllReduceSum(inputs[rank].AsSpan()));

        Assert.All(errors, Assert.Null);
        Assert.All(inputs, buffer => Assert.True(expected.AsSpan().SequenceEqual(buffer)));
    }

    [Fact]
    public async Task AllReduceSum_ThousandsOfTimesWithMoreRanksThanCores_StaysExact()
    {
        const int ranks = 6;
        const int rounds = 3000;
        var last = new double[ranks];

        var errors = await RunAsync(
            ranks,
            (member, rank) =>
            {
                for (var round = 0; round < rounds; round++)
                {
                    double[] buffer = [rank, round];
                    member.AllReduceSum(buffer.AsSpan());
                    Assert.Equal(15, buffer[0]);
                    Assert.Equal(6.0 * round, buffer[1]);
                    last[rank] = round;
                }
            }
        );

        Assert.All(errors, Assert.Null);
        Assert.All(last, value => Assert.Equal(rounds - 1, value));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public async Task Broadcast_FromRoot_GivesAllItsBuffer(int root)
    {
        var buffers = Enumerable.Range(0, 3).Select(rank => Values(rank, 17)).ToArray();
        var expected = buffers[root].ToArray();

        var errors = await RunAsync(3, (member, rank) => member.Broadcast(buffers[rank], root));

        Assert.All(errors, Assert.Null);
        Assert.All(buffers, buffer => Assert.Equal(expected, buffer));
    }

    [Fact]
    public async Task Broadcast_NoSuchRoot_FailsThatWorkerBeforeItMeetsTheOthers()
    {
        var errors = await RunAsync(2, static (member, _) => member.Broadcast(new float[3], 2));

        Assert.All(errors, static error => Assert.IsType<ArgumentOutOfRangeException>(error));
    }

    [Fact]
    public async Task Broadcast_DifferentRoots_TellsEveryWorker()
    {
        var errors = await RunAsync(2, static (member, rank) => member.Broadcast(new float[3], rank));

        Assert.All(errors, static error => Assert.Contains("from worker 1", Aborted(error), StringComparison.Ordinal));
    }

    [Fact]
    public async Task AllReduceSum_DifferentLengths_TellsEveryWorkerBothCalls()
    {
        var errors = await RunAsync(
            3,
            static (member, rank) => member.AllReduceSum(new float[rank == 2 ? 7 : 9].AsSpan())
        );

        Assert.All(
            errors,
            static error =>
            {
                Assert.Contains("an all-reduce of floats 9", Aborted(error), StringComparison.Ordinal);
                Assert.Contains("an all-reduce of floats 7", Aborted(error), StringComparison.Ordinal);
            }
        );
    }

    [Fact]
    public async Task AllReduceSum_AgainAfterAnAbort_FailsAgain()
    {
        var errors = await RunAsync(
            2,
            static (member, rank) =>
            {
                Assert.Throws<CollectiveAbortedException>(() => member.AllReduceSum(new float[rank + 1].AsSpan()));
                member.AllReduceSum(new float[5].AsSpan());
            }
        );

        Assert.All(errors, static error => Aborted(error));
    }

    [Fact]
    public async Task Leave_WhileOthersGoOn_EndsTheirWaiting()
    {
        var errors = await RunAsync(
            3,
            static (member, rank) =>
            {
                member.Barrier("report", 1);
                if (rank == 1)
                {
                    member.Leave("1 reports");
                    return;
                }

                member.Barrier("report", 2);
            }
        );

        Assert.Null(errors[1]);
        Assert.Contains("worker 1 has ended after 1 reports", Aborted(errors[0]), StringComparison.Ordinal);
        Assert.Contains("report equally often", Aborted(errors[2]), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Leave_AllAfterTheSameCalls_IsNoError()
    {
        for (var round = 0; round < 200; round++)
        {
            var errors = await RunAsync(
                2,
                static (member, _) =>
                {
                    member.Barrier("report", 1);
                    member.Leave("1 reports");
                }
            );
            Assert.All(errors, Assert.Null);
        }
    }

    /// <summary>Whoever passes the first barrier works on the buffers of all, so nobody may be led out before the end.</summary>
    [Fact]
    public async Task Abort_AtAnyMoment_LeavesEveryBufferWholeOrUntouched()
    {
        for (var round = 0; round < 100; round++)
        {
            var group = new SharedMemoryGroup(3);
            var buffers = Enumerable.Range(0, 3).Select(static _ => Enumerable.Repeat(1f, 20_000).ToArray()).ToArray();
            var aborting = Task.Run(() =>
            {
                Thread.SpinWait(round * 50);
                group.Abort("enough");
            });

            var errors = await RunAsync(group, 3, (member, rank) => member.AllReduceSum(buffers[rank].AsSpan()));
            await aborting;

            Assert.True(errors.All(static error => error is null) || errors.All(static error => error is not null));
            var expected = errors[0] is null ? 3f : 1f;
            Assert.All(buffers, buffer => Assert.Equal(-1, buffer.AsSpan().IndexOfAnyExcept(expected)));
        }
    }

    [Fact]
    public async Task Abort_WhileWorkersSleep_WakesThemWithTheReason()
    {
        var group = new SharedMemoryGroup(4);
        var errors = await RunAsync(
            group,
            4,
            (member, rank) =>
            {
                if (rank == 3)
                {
                    group.Abort("it is over");
                    return;
                }

                member.Barrier("report", 1);
            }
        );

        Assert.All(errors.Take(3), static error => Assert.Equal("it is over", Aborted(error)));
    }

    [Fact]
    public void Hub_WorkerThatJoinsAfterTheOthersFailed_FindsTheirError()
    {
        var hub = new CollectiveHub();
        hub.Join("run/1", 1, 2).Abort("worker 1 failed");
        hub.Leave("run/1");

        var late = hub.Join("run/1", 0, 2);

        Assert.Throws<CollectiveAbortedException>(() => late.Barrier("report", 1));
        hub.Leave("run/1");
        Assert.Equal(0, hub.Count);
    }

    private static float[] Values(int rank, int length)
    {
        var random = new Random((rank * 31) + length);
        return [.. Enumerable.Range(0, length).Select(_ => (float)(random.NextDouble() - 0.5) * 1e3f)];
    }

    private static string Aborted(Exception? error) => Assert.IsType<CollectiveAbortedException>(error).Message;

    private static Task<Exception?[]> RunAsync(int ranks, Action<ICollective, int> work) =>
        RunAsync(new SharedMemoryGroup(ranks), ranks, work);

    /// <summary>Each rank on a thread of its own, as in a silo; what each ended with.</summary>
    private static Task<Exception?[]> RunAsync(SharedMemoryGroup group, int ranks, Action<ICollective, int> work) =>
        Task.WhenAll(
                Enumerable
                    .Range(0, ranks)
                    .Select(rank =>
                        Task.Factory.StartNew(
                            () => Record.Exception(() => work(group.Join(rank), rank)),
                            CancellationToken.None,
                            TaskCreationOptions.LongRunning,
                            TaskScheduler.Default
                        )
                    )
            )
            .WaitAsync(Generous)!;
}
