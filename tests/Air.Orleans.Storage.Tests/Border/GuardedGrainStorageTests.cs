using Air.Orleans.Core.Storage;
using Air.Orleans.Testing.Storage;
using Microsoft.Extensions.Logging.Abstractions;
using Orleans.Serialization;
using Orleans.Serialization.Serializers;
using Orleans.Storage;

namespace Air.Orleans.Storage.Tests.Border;

public sealed class GuardedGrainStorageTests : IDisposable
{
    private static readonly GrainId Id = GrainId.Create("border", "a");
    private readonly ServiceProvider _services = new ServiceCollection()
        .AddSerializer(static serializer =>
            serializer.AddAssembly(typeof(ConformanceState).Assembly).AddAssembly(typeof(AirOptions).Assembly)
        )
        .BuildServiceProvider();
    private readonly UnsteadyStorage _behind = new(new MapStorage());
    private readonly GuardedGrainStorage _storage;

    public GuardedGrainStorageTests() =>
        _storage = new GuardedGrainStorage(
            _behind,
            new StorageBorder(
                "test://here",
                static error => error is TimeoutException ? StorageFault.Unavailable : StorageFault.Refused
            ),
            _services.GetRequiredService<Serializer>(),
            _services.GetRequiredService<IActivatorProvider>(),
            TimeProvider.System,
            NullLogger<GuardedGrainStorage>.Instance
        );

    public void Dispose() => _services.Dispose();

    [Fact]
    public async Task Write_LandedThoughItsAnswerWasLost_IsNoConflict()
    {
        var state = await WriteAsync("first");
        _behind.After.Enqueue(new TimeoutException("lost"));
        state.State!.Text = "second";

        await _storage.WriteStateAsync("state", Id, state);

        Assert.Equal("second", (await ReadAsync()).State!.Text);
        state.State.Text = "third";
        await _storage.WriteStateAsync("state", Id, state);
        Assert.Equal("third", (await ReadAsync()).State!.Text);
    }

    [Fact]
    public async Task Write_AnotherWroteWhileTheAnswerWasLost_IsAConflict()
    {
        var state = await WriteAsync("first");
        var other = await ReadAsync();
        other.State!.Text = "other";
        await _storage.WriteStateAsync("state", Id, other);
        _behind.Before.Enqueue(new TimeoutException("lost"));
        state.State!.Text = "second";

        var conflict = await Assert.ThrowsAsync<InconsistentStateException>(() =>
            _storage.WriteStateAsync("state", Id, state)
        );

        Assert.Null(conflict.InnerException);
        Assert.Equal("other", (await ReadAsync()).State!.Text);
    }

    [Fact]
    public async Task Write_StaleWithEqualContent_IsAConflictWhereNoAnswerWasLost()
    {
        await WriteAsync("same");

        await Assert.ThrowsAsync<InconsistentStateException>(() => WriteAsync("same"));
    }

    [Fact]
    public async Task Clear_LandedThoughItsAnswerWasLost_IsDone()
    {
        var state = await WriteAsync("first");
        _behind.After.Enqueue(new TimeoutException("lost"));

        await _storage.ClearStateAsync("state", Id, state);

        Assert.False(state.RecordExists);
        Assert.False((await ReadAsync()).RecordExists);
    }

    [Fact]
    public async Task Write_RefusedByTheStorage_IsAStorageExceptionThatCrossesSilos()
    {
        _behind.Before.Enqueue(new NotSupportedException("no room for you"));

        var error = await Assert.ThrowsAsync<StorageException>(() => WriteAsync("first"));

        var serializer = _services.GetRequiredService<Serializer>();
        var arrived = Assert.IsType<StorageException>(
            serializer.Deserialize<Exception>(serializer.SerializeToArray<Exception>(error))
        );
        Assert.Equal(StorageFault.Refused, arrived.Fault);
        Assert.Equal(error.Message, arrived.Message);
        Assert.Contains("test://here", arrived.Message);
        Assert.Contains("no room for you", arrived.Message);
    }

    [Fact]
    public async Task Read_BytesOfAnotherType_SaysThatTheStateIsDamaged()
    {
        var written = new GrainState<string>("text");
        await _storage.WriteStateAsync("state", Id, written);

        var error = await Assert.ThrowsAsync<StorageException>(ReadAsync);

        Assert.Equal(StorageFault.Damaged, error.Fault);
    }

    private async Task<GrainState<ConformanceState>> WriteAsync(string text)
    {
        var state = new GrainState<ConformanceState>(new ConformanceState { Text = text });
        await _storage.WriteStateAsync("state", Id, state);
        return state;
    }

    private async Task<GrainState<ConformanceState>> ReadAsync()
    {
        var state = new GrainState<ConformanceState>();
        await _storage.ReadStateAsync("state", Id, state);
        return state;
    }
}
