namespace Air.Orleans.Testing.Servers;

/// <summary>
/// A server that the tests of a class or collection share, as an xunit fixture. It is started with them; where its programs are missing
/// it is not, and tests with <see cref="RequiresFactAttribute"/> are skipped.
/// </summary>
public sealed class SharedServer<TServer> : IAsyncLifetime
    where TServer : TestServer, ITestServer<TServer>
{
    private TServer? _server;
    private Exception? _error;

    /// <summary>The server.</summary>
    /// <exception cref="InvalidOperationException">It was not started; the inner exception says why.</exception>
    public TServer Server =>
        _server ?? throw new InvalidOperationException($"{typeof(TServer).Name} was not started.", _error);

    /// <inheritdoc/>
    public async Task InitializeAsync()
    {
        try
        {
            _server = await TServer.StartAsync();
        }
        catch (FileNotFoundException error)
        {
            // The tests are skipped, or each fails by this error where skips are forbidden.
            _error = error;
        }
    }

    /// <inheritdoc/>
    public async Task DisposeAsync()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }
    }
}
