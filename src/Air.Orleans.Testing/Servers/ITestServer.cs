namespace Air.Orleans.Testing.Servers;

/// <summary>How a fixture starts a server of type <typeparamref name="TSelf"/>.</summary>
public interface ITestServer<TSelf>
    where TSelf : TestServer, ITestServer<TSelf>
{
    /// <summary>Starts one and waits until it answers.</summary>
    static abstract Task<TSelf> StartAsync(CancellationToken cancellationToken = default);
}
