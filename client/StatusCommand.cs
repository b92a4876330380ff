using System.CommandLine;
using Air.Orleans.Core;

namespace Air.Orleans.CommandLine;

/// <summary><c>air status</c>: the silos, what they offer and what of it is free, the leases, what computes, and what waits and why.</summary>
internal static class StatusCommand
{
    public static Command Create() =>
        new AskCommand("status", "Silos, resources, leases, and what waits and why", RunAsync);

    private static async Task<int> RunAsync(AskCommand.Call call, CancellationToken cancellationToken)
    {
        var silos = await call.Air.Silos.ListAsync(cancellationToken);
        var resources = await call.Air.Resources.DescribeAsync(cancellationToken);
        return call.Print(Describe(silos, resources), Print);
    }

    private static ClusterStatus Describe(IReadOnlyList<SiloDescription> silos, ResourceReport resources)
    {
        var offers = resources.Silos.ToDictionary(static silo => silo.Silo.ToParsableString());
        return new ClusterStatus(
            [
                .. silos.Select(silo =>
                {
                    var offer = offers.GetValueOrDefault(silo.Address);
                    return new SiloStatus(
                        silo,
                        offer?.Declared,
                        offer?.Free,
                        offer?.Accelerators ?? [],
                        offer?.Labels ?? new Dictionary<string, string>()
                    );
                }),
            ],
            [
                .. resources.Leases.Select(static lease => new LeaseStatus(
                    lease.Id,
                    lease.Purpose,
                    lease.Holder,
                    lease.Since,
                    [
                        .. lease.Bundles.Select(static bundle => new BundleStatus(
                            bundle.Silo?.ToParsableString(),
                            bundle.Resources,
                            bundle.Devices
                        )),
                    ]
                )),
            ],
            resources.Pending
        );
    }

    private static void Print(ClusterStatus status)
    {
        Tables.Print(
            "Silos",
            status.Silos,
            "no silos",
            ("silo", static silo => Short(silo.Description.Address)),
            ("host", static silo => silo.Description.Host),
            ("process", static silo => $"{silo.Description.ProcessId}"),
            ("up", static silo => Tables.Since(silo.Description.StartedAt)),
            ("state", static silo => silo.Description.IsDraining ? "draining" : "up"),
            ("admin", static silo => silo.Description.AdminUrl ?? "off"),
            ("memory", static silo => Tables.Bytes(silo.Description.MemoryBytes)),
            ("offers", static silo => silo.Declared?.ToString() ?? "has not said yet"),
            ("free", static silo => silo.Free?.ToString() ?? ""),
            (
                "labels",
                static silo => string.Join(", ", silo.Labels.Select(static label => $"{label.Key}={label.Value}"))
            )
        );
        Tables.Print(
            "Leases",
            status.Leases,
            "no leases",
            ("for", static lease => lease.Purpose),
            ("bundles", static lease => string.Join("; ", lease.Bundles.Select(Text))),
            ("since", static lease => Tables.Since(lease.Since)),
            ("id", static lease => lease.Id)
        );
        Tables.Print(
            "Waiting",
            status.Pending,
            "nothing waits",
            ("for", static request => request.Purpose),
            ("why", static request => request.Reason),
            ("before it", static request => $"{request.Position}"),
            ("since", static request => Tables.Since(request.Since)),
            ("id", static request => request.Id)
        );
        Tables.Print(
            "Computing",
            [
                .. status.Silos.SelectMany(static silo =>
                    silo.Description.Work.Select(work => (Silo: silo.Description.Address, Work: work))
                ),
            ],
            "nothing computes on the slots",
            ("work", static row => row.Work.Name),
            ("silo", static row => Short(row.Silo)),
            ("state", static row => $"{row.Work.State}"),
            ("done", static row => row.Work.Fraction is { } fraction ? $"{fraction:P0}" : ""),
            ("since", static row => Tables.Since(row.Work.Since)),
            ("detail", static row => row.Work.Detail)
        );
    }

    /// <summary>Without the generation, which is for programs.</summary>
    private static string Short(string address) => address.Split('@')[0];

    private static string Text(BundleStatus bundle)
    {
        var devices = bundle.Devices.Count > 0 ? $" (GPU {string.Join(",", bundle.Devices)})" : "";
        return $"{bundle.Resources}{devices} on {(bundle.Silo is { } silo ? Short(silo) : "a silo that was lost")}";
    }

    private sealed record ClusterStatus(
        IReadOnlyList<SiloStatus> Silos,
        IReadOnlyList<LeaseStatus> Leases,
        IReadOnlyList<PendingDescription> Pending
    );

    private sealed record SiloStatus(
        SiloDescription Description,
        ResourceSet? Declared,
        ResourceSet? Free,
        IReadOnlyList<string> Accelerators,
        IReadOnlyDictionary<string, string> Labels
    );

    private sealed record LeaseStatus(
        string Id,
        string Purpose,
        string Holder,
        DateTimeOffset Since,
        IReadOnlyList<BundleStatus> Bundles
    );

    private sealed record BundleStatus(string? Silo, ResourceSet Resources, IReadOnlyList<int> Devices);
}
