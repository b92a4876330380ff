using System.Buffers.Binary;
using System.IO.Hashing;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;
using Air.Orleans.Core.Diagnostics;
using Air.Orleans.Core.Security;

namespace Air.Orleans.Core.DataPlane;

/// <summary>
/// The client's end of one connection, proved on both sides. It carries one exchange at a time; one that was not brought to its end cannot
/// be used again.
/// </summary>
internal sealed class DataConnection : IDisposable
{
    private readonly Socket _socket;
    private readonly DataLimits _limits;
    private readonly XxHash128 _hash = new();
    private readonly byte[] _frame = new byte[DataRequest.Bytes + DataLimits.MostKeyBytes];
    private Stream _stream;
    private DataAlarm _alarm;
    private DataWire _wire;
    private int _isDisposed;

    private DataConnection(Socket socket, DataLimits limits)
    {
        (_socket, _limits) = (socket, limits);
        _stream = new NetworkStream(socket, ownsSocket: true);
        (_alarm, _wire) = NewAlarm(CancellationToken.None);
        TransferMeter.Opened("client");
    }

    /// <summary>Whether an exchange was brought to its end on it, so that the next one may find it closed by the silo.</summary>
    public bool IsReused { get; private set; }

    /// <summary>Whether the silo has answered in this exchange.</summary>
    public bool HasAnswered { get; private set; }

    /// <summary>Whether no exchange is under way.</summary>
    public bool IsIdle { get; private set; }

    /// <summary>Since when it is not used, by the pool's clock.</summary>
    public long IdleSince { get; set; }

    /// <summary>Whether the silo keeps it open; on an idle connection nothing may come.</summary>
    public bool IsAlive => !_socket.Poll(0, SelectMode.SelectRead);

    /// <summary>Makes a connection of a socket that has just been connected; it owns the socket.</summary>
    /// <exception cref="AirException">One of the ends does not believe the other.</exception>
    public static async Task<DataConnection> ProveAsync(
        Socket socket,
        byte[] key,
        ClusterTls tls,
        DataLimits limits,
        CancellationToken cancellationToken
    )
    {
        var connection = new DataConnection(socket, limits);
        try
        {
            connection.Begin(cancellationToken);
            await connection.EncryptAsync(tls);
            await connection.ProveAsync(key);
            connection.IsIdle = true;
            return connection;
        }
        catch (Exception error)
        {
            connection.Dispose();
            if (connection.HasStalled(error, cancellationToken))
            {
                throw new IOException(
                    $"it accepts connections but did not greet within {limits.Handshake.TotalSeconds:0.#} s. Where TLS is on, it must be on at both ends."
                );
            }

            if (error is InvalidDataException)
            {
                throw new AirException(error.Message, error);
            }

            throw;
        }
    }

    /// <summary>Begins an exchange, which ends with its caller.</summary>
    public void Begin(CancellationToken cancellationToken)
    {
        _alarm.Dispose();
        (_alarm, _wire) = NewAlarm(cancellationToken);
        (IsIdle, HasAnswered) = (false, false);
    }

    /// <summary>The exchange is at its end, and another may follow.</summary>
    public void End() => (IsIdle, IsReused) = (true, true);

    /// <summary>Asks.</summary>
    public ValueTask AskAsync(DataRequest request, string key) =>
        _wire.SendAsync(_frame.AsMemory(0, request.Write(_frame, key)));

    /// <summary>What begins the answer.</summary>
    /// <exception cref="AirException">The silo answered with an error; the connection is as good as before.</exception>
    public ValueTask<DataAnswer> AnswerAsync() => AnswerAsync(_limits.Stall);

    private async ValueTask<DataAnswer> AnswerAsync(TimeSpan limit)
    {
        await ReadAsync(_frame.AsMemory(0, DataAnswer.Bytes), limit);
        HasAnswered = true;
        var answer = DataAnswer.Read(_frame);
        if (answer.Failed)
        {
            await ReadAsync(_frame.AsMemory(0, answer.Length));
            End();
            throw answer.ErrorOf(Encoding.UTF8.GetString(_frame, 0, answer.Length));
        }

        return answer;
    }

    /// <summary>Receives a range into its place, and tells whether its hash is right.</summary>
    public async ValueTask<bool> ReceiveAsync(Memory<byte> destination, Action? heard = null)
    {
        _hash.Reset();
        for (var rest = destination; rest.Length > 0; )
        {
            var read = await _stream.ReadAsync(
                rest[..Math.Min(DataWire.SliceBytes, rest.Length)],
                _alarm.Within(_limits.Stall)
            );
            if (read == 0)
            {
                throw new EndOfStreamException("The connection ended within a range.");
            }

            _hash.Append(rest.Span[..read]);
            rest = rest[read..];
            TransferMeter.Received(read);
            heard?.Invoke();
        }

        await ReadAsync(_frame.AsMemory(0, DataWire.HashBytes));
        return BinaryPrimitives.ReadUInt128LittleEndian(_frame) == _hash.GetCurrentHashAsUInt128();
    }

    /// <summary>The content that follows, in pieces.</summary>
    public PieceReader Pieces() => new(_stream, _alarm, _limits.Stall);

    /// <summary>Sends a content in pieces, and waits until the silo has it.</summary>
    /// <exception cref="AirException">The silo answered with an error; the connection is as good as before.</exception>
    public async ValueTask PutAsync(ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        await using var pieces = new PieceWriter(
            NewWire(_alarm, _limits.PutStall),
            static () => ValueTask.CompletedTask
        );
        await pieces.WriteAsync(content, cancellationToken);
        await pieces.EndAsync();
        await AnswerAsync(_limits.PutStall);
    }

    /// <summary>Whether that error means that the other end was silent for too long, and not that the caller has had enough.</summary>
    public bool HasStalled(Exception error, CancellationToken cancellationToken) =>
        error is OperationCanceledException && !cancellationToken.IsCancellationRequested && _alarm.HasRunOut;

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) == 0)
        {
            TransferMeter.Closed("client");
            _stream.Dispose();
            _alarm.Dispose();
        }
    }

    private (DataAlarm Alarm, DataWire Wire) NewAlarm(CancellationToken owner)
    {
        var alarm = new DataAlarm(owner);
        return (alarm, NewWire(alarm, _limits.Stall));
    }

    private DataWire NewWire(DataAlarm alarm, TimeSpan slowest) =>
        new((bytes, token) => _stream.WriteAsync(bytes, token), alarm, slowest);

    private async Task EncryptAsync(ClusterTls tls)
    {
        if (!tls.IsOn)
        {
            return;
        }

        string? refused = null;
        var encrypted = new SslStream(_stream);
        _stream = encrypted;
        try
        {
            await encrypted.AuthenticateAsClientAsync(
                tls.NewClient(reason => refused = reason),
                _alarm.Within(_limits.Handshake)
            );
        }
        catch (AuthenticationException error)
        {
            throw new AirException($"TLS failed: {refused ?? error.Message}", error);
        }
    }

    private async Task ProveAsync(byte[] key)
    {
        var greeting = new byte[DataHandshake.GreetingBytes];
        await ReadAsync(greeting, _limits.Handshake);
        var hello = new byte[DataHandshake.HelloBytes];
        DataHandshake.WriteHello(hello, key, DataHandshake.ReadGreeting(greeting));
        await _wire.SendAsync(hello);
        var welcome = new byte[DataHandshake.WelcomeBytes];
        await ReadAsync(welcome, _limits.Handshake);
        DataHandshake.CheckWelcome(welcome, key, DataHandshake.ReadGreeting(greeting), DataHandshake.NonceOf(hello));
    }

    private ValueTask ReadAsync(Memory<byte> destination) => ReadAsync(destination, _limits.Stall);

    private async ValueTask ReadAsync(Memory<byte> destination, TimeSpan limit)
    {
        await _stream.ReadExactlyAsync(destination, _alarm.Within(limit));
        _alarm.Rest();
    }
}
