using System.Net.Sockets;

namespace Air.Orleans.Hosting;

/// <summary>
/// Starts a silo on ports that were free a moment ago. Where another process was faster, which shows before the silo is in the membership,
/// it is built anew with other ports.
/// </summary>
internal static class SiloStart
{
    private const int Attempts = 10;

    /// <summary>Builds and starts a silo; the caller stops and disposes it.</summary>
    /// <exception cref="SocketException">Ten times the ports were taken, or there is another fault of the network.</exception>
    public static async Task<IHost> RunAsync(Func<IHost> build, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            var host = build();
            try
            {
                await host.StartAsync(cancellationToken);
                return host;
            }
            catch (Exception error)
            {
                if (host is IAsyncDisposable disposable)
                {
                    await disposable.DisposeAsync();
                }
                else
                {
                    host.Dispose();
                }

                if (attempt == Attempts || !IsPortTaken(error))
                {
                    throw;
                }
            }
        }
    }

    private static bool IsPortTaken(Exception? error) =>
        error switch
        {
            null => false,
            SocketException { SocketErrorCode: SocketError.AddressAlreadyInUse } => true,
            AggregateException several => several.InnerExceptions.Any(IsPortTaken),
            _ => IsPortTaken(error.InnerException),
        };
}
