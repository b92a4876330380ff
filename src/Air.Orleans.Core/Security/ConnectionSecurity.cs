using System.Net.Security;
using System.Security.Authentication;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using Orleans.Connections.Security;

namespace Air.Orleans.Core.Security;

/// <summary>
/// Puts TLS and the cluster's secret in front of Orleans' protocol, on the port for silos, on the gateway, and on what a silo or client connects
/// to. The port for silos takes silos only.
/// </summary>
internal static partial class ConnectionSecurity
{
    public static void AddTo(IServiceCollection services, ClusterSecurity security, bool isSilo)
    {
        services.AddSingleton(security);
        if (isSilo)
        {
            services.Configure<SiloConnectionOptions>(options =>
            {
                options.ConfigureSiloInboundConnection(builder => Accept(builder, security, silosOnly: true));
                options.ConfigureGatewayInboundConnection(builder => Accept(builder, security, silosOnly: false));
                options.ConfigureSiloOutboundConnection(builder => Connect(builder, security));
            });
        }
        else
        {
            services.Configure<ClientConnectionOptions>(options =>
                options.ConfigureConnection(builder => Connect(builder, security))
            );
        }
    }

    private static void Accept(IConnectionBuilder builder, ClusterSecurity security, bool silosOnly)
    {
        if (security.Tls.IsOn)
        {
            builder.UseServerTls(ServerTls(security.Tls, silosOnly));
        }

        if (security.Secret.IsSet)
        {
            var logger = Logger(builder);
            builder.Use(next =>
                async connection =>
                {
                    if (await ProveAsync(connection, security.Secret, SecretHandshake.AcceptAsync, logger))
                    {
                        await next(connection);
                    }
                }
            );
        }
    }

    private static void Connect(IConnectionBuilder builder, ClusterSecurity security)
    {
        if (security.Tls.IsOn)
        {
            builder.UseClientTls(ClientTls(security.Tls));
        }

        if (security.Secret.IsSet)
        {
            var logger = Logger(builder);
            builder.Use(next =>
                async connection =>
                {
                    if (await ProveAsync(connection, security.Secret, SecretHandshake.ConnectAsync, logger))
                    {
                        await next(connection);
                    }
                }
            );
        }
    }

    private static async Task<bool> ProveAsync(
        ConnectionContext connection,
        ClusterSecret secret,
        Func<System.IO.Pipelines.IDuplexPipe, ClusterSecret, CancellationToken, Task> prove,
        ILogger logger
    )
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(connection.ConnectionClosed);
        limit.CancelAfter(SecretHandshake.Limit);
        try
        {
            await prove(connection.Transport, secret, limit.Token);
            return true;
        }
        catch (Exception error)
            when (error
                    is AuthenticationException
                        or OperationCanceledException
                        or IOException
                        or ConnectionAbortedException
                        or InvalidOperationException
            )
        {
            LogUnproved(logger, connection.RemoteEndPoint, error.Message);
            return false;
        }
    }

    private static TlsOptions ServerTls(ClusterTls tls, bool silosOnly) =>
        new()
        {
            LocalCertificate = tls.Certificate,
            RemoteCertificateMode = RemoteCertificateMode.RequireCertificate,
            RemoteCertificateValidation = static (_, _, errors) =>
                (errors & ~SslPolicyErrors.RemoteCertificateNameMismatch) == SslPolicyErrors.None,
            SslProtocols = ClusterTls.Protocols,
            OnAuthenticateAsServer = (_, options) =>
            {
                var server = (SslServerAuthenticationOptions)options.SslServerAuthenticationOptions;
                // Orleans' own way of naming the certificate, which excludes the one that shows those above it too.
                server.ServerCertificateSelectionCallback = null;
                server.ServerCertificateContext = tls.Shown;
                server.CertificateChainPolicy = tls.PolicyFor(silosOnly);
            },
        };

    private static TlsOptions ClientTls(ClusterTls tls) =>
        new()
        {
            LocalCertificate = tls.Certificate,
            RemoteCertificateMode = RemoteCertificateMode.RequireCertificate,
            ClientCertificateMode = RemoteCertificateMode.RequireCertificate,
            RemoteCertificateValidation = (_, _, errors) => tls.IsAccepted(errors),
            SslProtocols = ClusterTls.Protocols,
            OnAuthenticateAsClient = (_, options) =>
            {
                var client = (SslClientAuthenticationOptions)options.SslClientAuthenticationOptions;
                client.TargetHost = tls.Client!.TargetHost;
                client.ClientCertificates = null;
                client.ClientCertificateContext = tls.Shown;
                client.CertificateChainPolicy = tls.PolicyFor(silosOnly: true);
            },
        };

    private static ILogger Logger(IConnectionBuilder builder) =>
        builder
            .ApplicationServices.GetRequiredService<ILoggerFactory>()
            .CreateLogger(typeof(ConnectionSecurity).FullName!);

    [LoggerMessage(1201, LogLevel.Information, "The connection with {Peer} ends before it began: {Why}.")]
    private static partial void LogUnproved(ILogger logger, System.Net.EndPoint? peer, string why);
}
