using StackExchange.Redis;

namespace Air.Orleans.Clustering;

/// <summary><c>redis://host:port[/db]</c> for clients: the membership is one key, "air/members/ID".</summary>
internal sealed class RedisClientProvider : IClientProvider
{
    public string Scheme => "redis";

    public void ConfigureClient(IClientBuilder client, ClusterUri uri) =>
        client.UseRedisClustering(options => options.ConfigurationOptions = Options(uri));

    public async Task CheckAsync(ClusterUri uri, CancellationToken cancellationToken)
    {
        var options = Options(uri);
        options.AbortOnConnectFail = true;
        options.ConnectRetry = 0;
        try
        {
            await using var connection = await ConnectionMultiplexer.ConnectAsync(options).WaitAsync(cancellationToken);
            await connection.GetDatabase().PingAsync().WaitAsync(cancellationToken);
        }
        catch (RedisException error)
        {
            throw new AirException(
                $"Redis at {uri.Host}:{uri.Port} refused: {Cause(error)}. Check that it runs, the host and port of '{uri}', "
                    + $"and the password in {uri.SecretVariable}.",
                error
            );
        }
    }

    /// <summary>How the server at <paramref name="uri"/> is reached; the password comes from the environment.</summary>
    internal static ConfigurationOptions Options(ClusterUri uri) =>
        new()
        {
            EndPoints = { { uri.Host, uri.Port } },
            DefaultDatabase = int.Parse(uri.Path, System.Globalization.CultureInfo.InvariantCulture),
            Password = Environment.GetEnvironmentVariable(uri.SecretVariable!),
            AbortOnConnectFail = false,
            ConnectTimeout = 3000,
        };

    private static string Cause(Exception error)
    {
        var text = error.ToString();
        return text.Contains("NOAUTH", StringComparison.Ordinal) ? "it asks for a password, and none is given"
            : text.Contains("WRONGPASS", StringComparison.Ordinal)
            || text.Contains("AuthenticationFailure", StringComparison.Ordinal)
                ? "the password is wrong"
            : error.GetBaseException() is System.Net.Sockets.SocketException socket ? socket.Message
            : text.Contains("refused", StringComparison.OrdinalIgnoreCase)
            || text.Contains("SocketFailure", StringComparison.Ordinal)
                ? "connection refused"
            : error.GetBaseException().Message.Split('\n')[0].TrimEnd('.', '\r');
    }
}
