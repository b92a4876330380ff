using System.Diagnostics;
using System.Reflection;
using Air.Orleans.Core.Compute;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Air.Orleans.Core.Silos.Grains;

/// <inheritdoc cref="ISiloAgent"/>
internal sealed class SiloAgent(
    GrainId id,
    Silo silo,
    ILoggerFactory loggers,
    ILocalSiloDetails details,
    AirOptions options,
    ComputeSlots slots,
    SiloDrain drain,
    IHostApplicationLifetime lifetime
) : GrainService(id, silo, loggers), ISiloAgent
{
    private static readonly string AirVersion =
        typeof(SiloAgent).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion
        ?? "unknown";

    public Task<SiloDescription> DescribeAsync()
    {
        using var process = Process.GetCurrentProcess();
        return Task.FromResult(
            new SiloDescription
            {
                Address = details.SiloAddress.ToParsableString(),
                Host = details.DnsHostName,
                ProcessId = Environment.ProcessId,
                GatewayPort = details.GatewayAddress?.Endpoint.Port ?? 0,
                StartedAt = process.StartTime.ToUniversalTime(),
                Version = AirVersion,
                MemoryBytes = process.WorkingSet64,
                Slots = slots.Count,
                Work = slots.Describe(),
                IsDraining = drain.HasBegun,
                AdminUrl = options.AdminUrl?.ToString(),
            }
        );
    }

    public Task StopAsync()
    {
        if (!options.MayBeStopped)
        {
            throw new AirException(
                $"Silo {details.SiloAddress} is embedded in process {Environment.ProcessId} on {details.DnsHostName} and ends with it: "
                    + "end that program instead."
            );
        }

        lifetime.StopApplication();
        return Task.CompletedTask;
    }
}
