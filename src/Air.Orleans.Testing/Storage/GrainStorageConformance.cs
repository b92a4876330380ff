using System.Text;
using Orleans.Storage;

namespace Air.Orleans.Testing.Storage;

/// <summary>
/// What Air.Orleans needs of a grain storage, as tests. Derive a class that opens the storage, and run it; put
/// <see cref="RequiresAttribute"/> on it where it needs a server.
/// </summary>
public abstract class GrainStorageConformance
{
    private const string StateName = "conformance";
    private readonly string _test = Guid.NewGuid().ToString("N");

    /// <summary>Opens the storage; a second one opened at the same time has the same data, as another silo would.</summary>
    protected abstract Task<GrainStorageHost> OpenAsync();

    /// <summary>What is not there reads as a new state without an ETag.</summary>
    [RequiresFact]
    public async Task Read_NothingWritten_IsANewState()
    {
        await using var host = await OpenAsync();

        var read = await ReadAsync(host, "a");

        Assert.False(read.RecordExists);
        Assert.Null(read.ETag);
        Assert.Equal("", Assert.IsType<ConformanceState>(read.State).Text);
    }

    /// <summary>What was written is read, by another silo too, and after the storage was closed.</summary>
    [RequiresFact]
    public async Task Read_AfterReopening_IsWhatWasWritten()
    {
        string? etag;
        await using (var host = await OpenAsync())
        {
            var state = State("first", number: long.MinValue);
            await WriteAsync(host, "a", state);
            state.State!.Text = "second";
            await WriteAsync(host, "a", state);
            etag = state.ETag;
        }

        await using var again = await OpenAsync();
        var read = await ReadAsync(again, "a");

        Assert.True(read.RecordExists);
        Assert.Equal(etag, read.ETag);
        Assert.Equal("second", read.State!.Text);
        Assert.Equal(long.MinValue, read.State.Number);
    }

    /// <summary>Each write has an ETag of its own, even where the state is equal.</summary>
    [RequiresFact]
    public async Task Write_Again_ChangesTheETag()
    {
        await using var host = await OpenAsync();
        var state = State("same");
        await WriteAsync(host, "a", state);
        var first = state.ETag;

        await WriteAsync(host, "a", state);

        Assert.NotNull(first);
        Assert.NotEqual(first, state.ETag);
    }

    /// <summary>Who read before another wrote cannot write, and changes nothing.</summary>
    [RequiresFact]
    public async Task Write_StaleETag_IsRefusedAndChangesNothing()
    {
        await using var host = await OpenAsync();
        await WriteAsync(host, "a", State("first"));
        var stale = await ReadAsync(host, "a");
        var fresh = await ReadAsync(host, "a");
        fresh.State!.Text = "second";
        await WriteAsync(host, "a", fresh);

        stale.State!.Text = "lost";
        await Assert.ThrowsAsync<InconsistentStateException>(() => WriteAsync(host, "a", stale));

        var read = await ReadAsync(host, "a");
        Assert.Equal("second", read.State!.Text);
        Assert.Equal(fresh.ETag, read.ETag);
    }

    /// <summary>Of two that both found nothing, the second cannot write.</summary>
    [RequiresFact]
    public async Task Write_SecondOfTwoFirstWriters_IsRefused()
    {
        await using var host = await OpenAsync();
        var one = await ReadAsync(host, "a");
        var two = await ReadAsync(host, "a");
        one.State!.Text = "one";
        two.State!.Text = "two";
        await WriteAsync(host, "a", one);

        await Assert.ThrowsAsync<InconsistentStateException>(() => WriteAsync(host, "a", two));

        Assert.Equal("one", (await ReadAsync(host, "a")).State!.Text);
    }

    /// <summary>What was cleared is not there any more, and the state at hand is new.</summary>
    [RequiresFact]
    public async Task Clear_Written_IsGone()
    {
        await using var host = await OpenAsync();
        var state = State("first");
        await WriteAsync(host, "a", state);

        await host.Storage.ClearStateAsync(StateName, Id("a"), state);

        Assert.False(state.RecordExists);
        Assert.Equal("", state.State!.Text);
        var read = await ReadAsync(host, "a");
        Assert.False(read.RecordExists);
        Assert.Equal("", read.State!.Text);
    }

    /// <summary>Clearing what was never written is no error.</summary>
    [RequiresFact]
    public async Task Clear_NothingWritten_DoesNothing()
    {
        await using var host = await OpenAsync();
        var state = await ReadAsync(host, "a");

        await host.Storage.ClearStateAsync(StateName, Id("a"), state);

        Assert.False((await ReadAsync(host, "a")).RecordExists);
    }

    /// <summary>Who read before another wrote cannot clear.</summary>
    [RequiresFact]
    public async Task Clear_StaleETag_IsRefusedAndChangesNothing()
    {
        await using var host = await OpenAsync();
        var stale = State("first");
        await WriteAsync(host, "a", stale);
        var fresh = await ReadAsync(host, "a");
        fresh.State!.Text = "second";
        await WriteAsync(host, "a", fresh);

        await Assert.ThrowsAsync<InconsistentStateException>(() =>
            host.Storage.ClearStateAsync(StateName, Id("a"), stale)
        );

        Assert.Equal("second", (await ReadAsync(host, "a")).State!.Text);
    }

    /// <summary>After clearing, whoever cleared or read can write again.</summary>
    [RequiresFact]
    public async Task Write_AfterClear_IsRead()
    {
        await using var host = await OpenAsync();
        var state = State("first");
        await WriteAsync(host, "a", state);
        await host.Storage.ClearStateAsync(StateName, Id("a"), state);
        state.State!.Text = "second";
        await WriteAsync(host, "a", state);
        await host.Storage.ClearStateAsync(StateName, Id("a"), state);

        var read = await ReadAsync(host, "a");
        read.State!.Text = "third";
        await WriteAsync(host, "a", read);

        Assert.Equal("third", (await ReadAsync(host, "a")).State!.Text);
    }

    /// <summary>A writer from before the state was cleared and written anew cannot write: its ETag is never used again.</summary>
    [RequiresFact]
    public async Task Write_ETagFromBeforeClear_IsRefused()
    {
        await using var host = await OpenAsync();
        var stale = State("first");
        await WriteAsync(host, "a", stale);
        var state = await ReadAsync(host, "a");
        await host.Storage.ClearStateAsync(StateName, Id("a"), state);
        state.State!.Text = "second";
        await WriteAsync(host, "a", state);

        await Assert.ThrowsAsync<InconsistentStateException>(() => WriteAsync(host, "a", stale));

        Assert.Equal("second", (await ReadAsync(host, "a")).State!.Text);
    }

    /// <summary>Keys of any characters and of 500 of them, and keys that only look alike, each have their own state.</summary>
    [RequiresFact]
    public async Task Write_OddKeys_AreKeptApart()
    {
        await using var host = await OpenAsync();
        string[] keys =
        [
            "a/b",
            "a%2fb",
            "a%002fb",
            "a\\b",
            "/",
            "//",
            "..",
            "../x",
            "x/../y",
            ".",
            "x.",
            "x/",
            "x ",
            " x",
            "ä",
            "日本",
            "😀",
            "a",
            "A",
            "1a",
            "1A",
            "01a",
            "1a+x",
            "0",
            "00000000-0000-0000-0000-000000000001",
            "00000000000000000000000000000001",
            "a b",
            "a+b",
            "a?b",
            "a#b",
            "a&b",
            "a:b",
            "a*b",
            "a\"b",
            "a'b",
            "a;b",
            "a|b",
            "a<b>",
            "a$b",
            "a`b",
            "a\tb",
            "a\nb",
            "a\0b",
            "a\u007fb",
            "%",
            "%61",
            new string('x', 500),
            new string('x', 499) + "y",
            new string('/', 200),
            new string('ä', 400),
        ];
        foreach (var key in keys)
        {
            await WriteAsync(host, key, State(key));
        }

        foreach (var key in keys)
        {
            Assert.Equal(key, (await ReadAsync(host, key)).State!.Text);
        }
    }

    /// <summary>States of one grain by different names, and of grains of different types with one key, are kept apart.</summary>
    [RequiresFact]
    public async Task Write_SameKeyOfOtherTypeOrState_IsKeptApart()
    {
        await using var host = await OpenAsync();
        var places = (
            from stateName in (string[])[StateName, "other"]
            from type in (string[])["conformance", "conformance2"]
            select (stateName, Id: GrainId.Create(type, _test))
        ).ToList();
        foreach (var (stateName, id) in places)
        {
            await host.Storage.WriteStateAsync(stateName, id, State($"{stateName} {id}"));
        }

        foreach (var (stateName, id) in places)
        {
            var read = new GrainState<ConformanceState>();
            await host.Storage.ReadStateAsync(stateName, id, read);
            Assert.Equal($"{stateName} {id}", read.State!.Text);
        }
    }

    /// <summary>No bytes, every byte, 1 MiB and 64 MiB, the largest shard of a checkpoint, come back exactly.</summary>
    [RequiresFact]
    public async Task Write_BytesOfAnySize_AreReadExactly()
    {
        await using var host = await OpenAsync();
        foreach (var size in (int[])[0, 1, 256, 1 << 20, 64 << 20])
        {
            var bytes = new byte[size];
            for (var i = 0; i < size; i++)
            {
                bytes[i] = (byte)((i * 31) ^ (i >> 8) ^ (i >> 16));
            }

            var state = State("bytes");
            state.State!.Bytes = bytes;
            await WriteAsync(host, $"{size}", state);
            var read = await ReadAsync(host, $"{size}");

            Assert.True(bytes.AsSpan().SequenceEqual(read.State!.Bytes), $"{size} bytes came back otherwise.");
        }
    }

    /// <summary>Text of all planes comes back exactly.</summary>
    [RequiresFact]
    public async Task Write_TextOfAnyLetters_IsReadExactly()
    {
        await using var host = await OpenAsync();
        var text = new StringBuilder("\0\r\n\t\"'\\%_;--");
        for (var rune = 0x80; rune < 0x11000; rune += 97)
        {
            text.Append(Rune.IsValid(rune) ? new Rune(rune).ToString() : "");
        }

        await WriteAsync(host, "a", State(text.ToString()));

        Assert.Equal(text.ToString(), (await ReadAsync(host, "a")).State!.Text);
    }

    /// <summary>Of writers at the same moment in two silos exactly one wins, whether the state is there or not.</summary>
    [RequiresFact]
    public async Task Write_ManyAtOnce_ExactlyOneWins()
    {
        await using var one = await OpenAsync();
        await using var two = await OpenAsync();
        string? etag = null;
        for (var round = 0; round < 10; round++)
        {
            var held = etag;
            var writers = Enumerable
                .Range(0, 12)
                .Select(i => new GrainState<ConformanceState>(new ConformanceState { Text = $"{round} {i}" }, held)
                {
                    RecordExists = held is not null,
                })
                .ToList();

            var won = await Task.WhenAll(
                writers.Select((state, i) => Task.Run(() => TryWriteAsync(i % 2 == 0 ? one : two, "a", state)))
            );

            Assert.Equal(1, won.Count(static w => w));
            var winner = writers[Array.IndexOf(won, true)];
            var read = await ReadAsync(two, "a");
            Assert.Equal(winner.State!.Text, read.State!.Text);
            Assert.Equal(winner.ETag, read.ETag);
            etag = winner.ETag;
        }
    }

    /// <summary>Who counts up, and reads again when another was faster, loses no count.</summary>
    [RequiresFact]
    public async Task Write_CountersOfTwoSilos_LoseNoCount()
    {
        const int Counters = 4;
        const int Counts = 10;
        await using var one = await OpenAsync();
        await using var two = await OpenAsync();

        await Task.WhenAll(
            Enumerable.Range(0, Counters).Select(i => Task.Run(() => CountAsync(i % 2 == 0 ? one : two)))
        );

        Assert.Equal(Counters * Counts, (await ReadAsync(one, "a")).State!.Number);

        async Task CountAsync(GrainStorageHost host)
        {
            for (var i = 0; i < Counts; )
            {
                var state = await ReadAsync(host, "a");
                state.State!.Number++;
                i += await TryWriteAsync(host, "a", state) ? 1 : 0;
            }
        }
    }

    /// <summary>A later version of a type reads what the earlier wrote, and the earlier what the later wrote.</summary>
    [RequiresFact]
    public async Task Read_TypeOfAnotherVersion_HasWhatBothKnow()
    {
        await using var host = await OpenAsync();
        await WriteAsync(host, "a", State("kept", number: 7));

        var later = new GrainState<LaterConformanceState>();
        await host.Storage.ReadStateAsync(StateName, Id("a"), later);
        Assert.Equal((7, "kept"), (later.State!.Number, later.State.Text));
        later.State.Number = 8;
        await host.Storage.WriteStateAsync(StateName, Id("a"), later);

        var read = await ReadAsync(host, "a");
        Assert.Equal((8, "kept"), (read.State!.Number, read.State.Text));
        Assert.Empty(read.State.Bytes);
    }

    private GrainId Id(string key) => GrainId.Create("conformance", $"{_test}-{key}");

    private static GrainState<ConformanceState> State(string text, long number = 0) =>
        new(new ConformanceState { Text = text, Number = number });

    private Task WriteAsync(GrainStorageHost host, string key, GrainState<ConformanceState> state) =>
        host.Storage.WriteStateAsync(StateName, Id(key), state);

    private async Task<GrainState<ConformanceState>> ReadAsync(GrainStorageHost host, string key)
    {
        var state = new GrainState<ConformanceState>();
        await host.Storage.ReadStateAsync(StateName, Id(key), state);
        return state;
    }

    private async Task<bool> TryWriteAsync(GrainStorageHost host, string key, GrainState<ConformanceState> state)
    {
        try
        {
            await WriteAsync(host, key, state);
            return true;
        }
        catch (InconsistentStateException)
        {
            return false;
        }
    }
}
