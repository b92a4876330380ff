using Air.Orleans.Core.Clustering.Membership;
using Air.Orleans.Core.Hosting;
using Air.Orleans.Hosting;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;

namespace Air.Orleans;

/// <summary>Adds <c>AirCluster.StartLocalAsync()</c>, which needs the server's parts that a client has not.</summary>
public static class LocalAirCluster
{
    extension(AirCluster)
    {
        /// <summary>Starts an embedded cluster in this process.</summary>
        /// <param name="options">What each silo offers; by default all CPUs of the machine, and storage in the folder ".air".</param>
        /// <param name="silos">How many silos; more than one is for tests, as they share this process.</param>
        /// <param name="logging">Adds log providers; by default warnings go to standard error.</param>
        /// <param name="cancellationToken">Ends the start.</param>
        /// <exception cref="ArgumentOutOfRangeException"><paramref name="silos"/> is less than 1.</exception>
        public static async Task<AirCluster> StartLocalAsync(
            AirOptions? options = null,
            int silos = 1,
            Action<ILoggingBuilder>? logging = null,
            CancellationToken cancellationToken = default
        )
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(silos, 1);
            options ??= new AirOptions();
            options = options with
            {
                Security = options.Security ?? AirSecurityConfiguration.OfEnvironment().GetAirSiloSecurity(),
            };
            var clusterId = $"air-{Guid.NewGuid():N}";
            var table = new MemoryMembershipTable();
            var hosts = new List<IHost>();
            try
            {
                for (var i = 0; i < silos; i++)
                {
                    hosts.Add(
                        await SiloStart.RunAsync(() => BuildSilo(options, clusterId, table, logging), cancellationToken)
                    );
                }

                return new AirCluster(hosts);
            }
            catch
            {
                await AirCluster.StopAsync(hosts);
                throw;
            }
        }
    }

    private static IHost BuildSilo(
        AirOptions options,
        string clusterId,
        MemoryMembershipTable table,
        Action<ILoggingBuilder>? logging
    )
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        AirCluster.ConfigureLogging(builder.Logging, logging);
        builder.Services.Replace(ServiceDescriptor.Singleton<IHostLifetime, SilentLifetime>());
        builder.Services.Configure<HostOptions>(static host => host.ShutdownTimeout = AirCluster.ShutdownTimeout);
        builder.UseOrleans(silo => silo.UseMemoryCluster(table, clusterId).AddAir(options));
        return builder.Build();
    }
}
