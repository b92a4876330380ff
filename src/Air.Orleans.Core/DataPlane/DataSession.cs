using System.Buffers;
using System.IO.Pipelines;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace Air.Orleans.Core.DataPlane;

/// <summary>
/// The silo's end of one connection: it proves itself, then answers one request after the other, so that what it holds of a content is one
/// lease at most, and no more memory than a frame.
/// </summary>
internal sealed class DataSession : IDisposable
{
    private readonly ConnectionContext _connection;
    private readonly IReadOnlyDictionary<string, IDataSource> _sources;
    private readonly DataLimits _limits;
    private readonly DataAlarm _alarm;
    private readonly CancellationTokenRegistration _closing;
    private readonly byte[] _frame = new byte[DataRequest.Bytes + DataLimits.MostKeyBytes];
    private PipeReader _input;
    private DataWire _wire;
    private SslStream? _encrypted;

    public DataSession(
        ConnectionContext connection,
        IReadOnlyDictionary<string, IDataSource> sources,
        DataLimits limits
    )
    {
        (_connection, _sources, _limits) = (connection, sources, limits);
        _alarm = new DataAlarm(connection.ConnectionClosed);
        _input = connection.Transport.Input;
        // A plain connection's content goes by the socket, past the pipe, which would copy it. Then all does, to stay in order.
        var socket = connection.Features.Get<IConnectionSocketFeature>()?.Socket;
        var output = connection.Transport.Output;
        _wire = NewWire(
            socket is null
                ? (bytes, token) => SendAsync(output, bytes, token)
                : (bytes, token) => SendAsync(socket, bytes, token)
        );
        _closing = connection.Features.Get<IConnectionLifetimeNotificationFeature>() is { } life
            ? life.ConnectionClosedRequested.Register(() => _input.CancelPendingRead())
            : default;
    }

    /// <summary>Whether the other end ran into a time limit.</summary>
    public bool HasRunOut => _alarm.HasRunOut;

    /// <summary>Encrypts all that follows; before anything else.</summary>
    /// <exception cref="AuthenticationException">The other end shows no certificate that is believed.</exception>
    public async Task EncryptAsync(SslServerAuthenticationOptions options)
    {
        var encrypted = _encrypted = new SslStream(new DuplexStream(_connection.Transport));
        await encrypted.AuthenticateAsServerAsync(options, _alarm.Within(_limits.Handshake));
        _alarm.Rest();
        _input = PipeReader.Create(encrypted, new StreamPipeReaderOptions(leaveOpen: true));
        _wire = NewWire((bytes, token) => encrypted.WriteAsync(bytes, token));
    }

    /// <summary>Whether the other end knows the key.</summary>
    /// <exception cref="InvalidDataException">It does not speak as the data plane does.</exception>
    public async Task<bool> ProveAsync(byte[] key)
    {
        var greeting = _frame.AsMemory(0, DataHandshake.GreetingBytes);
        DataHandshake.WriteGreeting(greeting.Span);
        await _wire.SendAsync(greeting);
        var hello = new byte[DataHandshake.HelloBytes];
        if (!await ReadAsync(hello, _alarm.Within(_limits.Handshake)))
        {
            throw new EndOfStreamException("The connection ended before it was proved.");
        }

        var nonce = DataHandshake.ReadGreeting(greeting.Span);
        var proved = DataHandshake.IsProved(hello, key, nonce);
        var welcome = new byte[DataHandshake.WelcomeBytes];
        DataHandshake.WriteWelcome(welcome, proved, key, nonce, DataHandshake.NonceOf(hello));
        await _wire.SendAsync(welcome);
        return proved;
    }

    /// <summary>Answers until the other end has no more to ask, or the silo stops.</summary>
    public async Task AnswerAsync()
    {
        while (await ReadAsync(_frame.AsMemory(0, DataRequest.Bytes), _alarm.Within(_limits.ServerIdle)))
        {
            var request = DataRequest.Read(_frame, out var keyBytes);
            if (!await ReadAsync(_frame.AsMemory(0, keyBytes), _alarm.Within(_limits.SlowPeer)))
            {
                return;
            }

            var token = _alarm.Within(Timeout.InfiniteTimeSpan);
            if (!await AnswerAsync(request, Encoding.UTF8.GetString(_frame, 0, keyBytes), token))
            {
                return;
            }
        }
    }

    public void Dispose()
    {
        _closing.Dispose();
        _encrypted?.Dispose();
        _alarm.Dispose();
    }

    private DataWire NewWire(Func<ReadOnlyMemory<byte>, CancellationToken, ValueTask> send) =>
        new(send, _alarm, _limits.SlowPeer);

    /// <summary>Answers one request; false where the connection cannot go on after it.</summary>
    private async Task<bool> AnswerAsync(DataRequest request, string key, CancellationToken token)
    {
        var cut = key.IndexOf(':', StringComparison.Ordinal);
        var source = cut < 0 ? null : _sources.GetValueOrDefault(key[..cut]);
        var name = key[(cut + 1)..];
        if (request.Verb == DataVerb.Put)
        {
            return await ReceiveAsync(source, name, request.Length, token);
        }

        if (source is null)
        {
            await FailAsync("no such kind of data");
            return true;
        }

        return request.Verb == DataVerb.Get
            ? await SendAsync(source, name, token)
            : await SendRangeAsync(source, name, request, token);
    }

    private async Task<bool> SendRangeAsync(
        IDataSource source,
        string key,
        DataRequest request,
        CancellationToken token
    )
    {
        if (source is not IMemorySource memory)
        {
            await FailAsync("it does not lie in memory, so it cannot be fetched by ranges");
            return true;
        }

        IMemoryLease lease;
        try
        {
            lease = await memory.OpenAsync(key, token);
        }
        catch (Exception error) when (error is KeyNotFoundException or AirException)
        {
            await FailAsync(error.Message);
            return true;
        }

        using (lease)
        {
            var content = lease.Bytes;
            var (offset, length) =
                request.Verb == DataVerb.Open
                    ? (0, Math.Min(content.Length, Math.Min(request.Length, DataLimits.MostRangeBytes)))
                    : (request.Offset, request.Length);
            var fault =
                request.Verb == DataVerb.Range && request.Stamp != lease.Stamp
                    ? "another content was put under its key since the fetch began; fetch it anew"
                : length > DataLimits.MostRangeBytes || offset > content.Length || length > content.Length - offset
                    ? $"it has {content.Length} bytes, and no range of {length} at {offset}; one has at most {DataLimits.MostRangeBytes}"
                : null;
            if (fault is not null)
            {
                await FailAsync(fault);
                return true;
            }

            await SendAsync(new DataAnswer(Failed: false, (int)length, content.Length, lease.Stamp));
            await _wire.SendHashedAsync(content.Slice((int)offset, (int)length));
            return true;
        }
    }

    private async Task<bool> SendAsync(IDataSource source, string key, CancellationToken token)
    {
        await using var pieces = new PieceWriter(_wire, () => SendAsync(default));
        try
        {
            if (source is IMemorySource memory)
            {
                using var lease = await memory.OpenAsync(key, token);
                await pieces.WriteAsync(lease.Bytes, token);
            }
            else
            {
                await source.SendAsync(key, pieces, token);
            }

            await pieces.EndAsync();
        }
        catch (Exception error) when (error is KeyNotFoundException or AirException)
        {
            await (pieces.HasBegun ? pieces.FailAsync(error.Message) : FailAsync(error.Message));
        }

        return true;
    }

    private async Task<bool> ReceiveAsync(IDataSource? source, string key, long length, CancellationToken token)
    {
        if (length > DataLimits.MostContentBytes)
        {
            await FailAsync($"it has {length} bytes; a silo takes in at most {DataLimits.MostContentBytes}");
            return false;
        }

        await using var input = _input.AsStream(leaveOpen: true);
        await using var pieces = new PieceReader(input, _alarm, _limits.SlowPeer);
        Exception? fault = null;
        try
        {
            await (source ?? throw new AirException("no such kind of data")).ReceiveAsync(key, pieces, length, token);
        }
        catch (Exception error) when (error is KeyNotFoundException or AirException)
        {
            fault = error;
        }

        if (!await pieces.DrainAsync(length))
        {
            throw new InvalidDataException($"More than the announced {length} bytes came.");
        }

        await (fault is null ? SendAsync(default(DataAnswer)) : FailAsync(fault.Message, fault));
        return true;
    }

    private async ValueTask FailAsync(string message, Exception? error = null)
    {
        var text = DataAnswer.TextOf(message);
        await SendAsync(DataAnswer.Of(error, text.Length));
        await _wire.SendAsync(text);
    }

    private async ValueTask SendAsync(DataAnswer answer)
    {
        answer.Write(_frame);
        await _wire.SendAsync(_frame.AsMemory(0, DataAnswer.Bytes));
    }

    /// <summary>Fills the memory; false where the connection, or the silo, has ended before its first byte.</summary>
    /// <exception cref="EndOfStreamException">It ended within.</exception>
    private async ValueTask<bool> ReadAsync(Memory<byte> destination, CancellationToken token)
    {
        var read = await _input.ReadAtLeastAsync(destination.Length, token);
        if (read.Buffer.Length < destination.Length)
        {
            var isClean = read.Buffer.Length == 0 || read.IsCanceled;
            _input.AdvanceTo(read.Buffer.End);
            return isClean ? false : throw new EndOfStreamException("The connection ended within a frame.");
        }

        var bytes = read.Buffer.Slice(0, destination.Length);
        bytes.CopyTo(destination.Span);
        _input.AdvanceTo(bytes.End);
        return true;
    }

    private static async ValueTask SendAsync(PipeWriter output, ReadOnlyMemory<byte> bytes, CancellationToken token)
    {
        var flushed = await output.WriteAsync(bytes, token);
        if (flushed.IsCompleted || flushed.IsCanceled)
        {
            throw new IOException("The other end has closed the connection.");
        }
    }

    private static async ValueTask SendAsync(Socket socket, ReadOnlyMemory<byte> bytes, CancellationToken token)
    {
        while (bytes.Length > 0)
        {
            bytes = bytes[await socket.SendAsync(bytes, SocketFlags.None, token)..];
        }
    }
}
