using Air.Orleans.Core.Devices;
using Air.Orleans.Core.Resources.Control;

namespace Air.Orleans.Core;

/// <summary>What a silo offers and where it keeps things; given once, when the silo starts.</summary>
public sealed record AirOptions
{
    /// <summary>
    /// The name of the grain storage that keeps checkpoints and the state of runs. A host that registers an IGrainStorage
    /// under it has them kept there; otherwise it is the embedded file storage in <see cref="StorageFolder"/>.
    /// </summary>
    public const string StorageName = "air";

    /// <summary>What this silo declares: one CPU is one compute thread.</summary>
    /// <value>What the machine has: its CPUs, the memory that the process may use, and the GPUs that NVIDIA's driver tells of.</value>
    public ResourceSet Resources { get; init; } = MachineResources.Resources;

    /// <summary>The types of the silo's GPUs, by device index; those beyond the list have none.</summary>
    /// <value>The names of the machine's GPUs, as their driver gives them.</value>
    public IReadOnlyList<string> Accelerators { get; init; } = MachineResources.Accelerators;

    /// <summary>Labels that bundles can ask for, such as zone = a.</summary>
    /// <value>None.</value>
    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();

    /// <summary>The folder of the embedded file storage, created when it is not there.</summary>
    /// <value>".air" in the current folder.</value>
    public string StorageFolder { get; init; } = ".air";

    /// <summary>The folder for the silo's local copies of code that it was sent, and for jobs; only its user may write there.</summary>
    /// <value>"air/code" in the user's folder for local application data, which all silos of the user on the machine share.</value>
    public string? CodeFolder { get; init; }

    /// <summary>How many bytes of blocks the silo keeps in shared memory before those used longest ago go to disk.</summary>
    /// <value>40 % of the memory that the process may use.</value>
    public long BlockMemoryBytes { get; init; } = (long)(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes * 0.4);

    /// <summary>The folder in which the processes of one host share blocks; each cluster has a folder in it.</summary>
    /// <value>Null: in /dev/shm, or in the temporary folder where that is missing or smaller than <see cref="BlockMemoryBytes"/>.</value>
    public string? BlockFolder { get; init; }

    /// <summary>The folder of the blocks that have no room in memory.</summary>
    /// <value>Null: in the temporary folder.</value>
    public string? SpillFolder { get; init; }

    /// <summary>The port of the HTTP endpoint, on the silo's address; 0 takes a free one, and null serves no HTTP.</summary>
    /// <value>0.</value>
    public int? HttpPort { get; init; } = 0;

    /// <summary>How the silo proves who it is, and whom it believes.</summary>
    /// <value>What "Air:Security" and the environment say (docs/security.md).</value>
    public SecurityOptions? Security { get; init; }

    /// <summary>Where the host of the silo answers about its health and metrics, for <c>air status</c>.</summary>
    /// <value>None. The silo host sets it.</value>
    public Uri? AdminUrl { get; init; }

    /// <summary>The port by which blocks and checkpoint shards leave and reach the silo, on its address; 0 takes a free one.</summary>
    /// <value>0.</value>
    public int DataPort { get; init; }

    /// <summary>
    /// The port of Arrow Flight, on the silo's address, by which programs in other languages read its blocks; 0 takes a free one, and null serves none.
    /// </summary>
    /// <value>Null.</value>
    public int? FlightPort { get; init; }

    /// <summary>Whether <c>air.Silos.StopAsync</c> and <c>air stop</c> may stop this silo's host.</summary>
    /// <value>False: a silo that is embedded in a program ends with that program alone. The silo host sets it.</value>
    public bool MayBeStopped { get; init; }

    /// <summary>Reads labels such as "zone=a,tier=gpu".</summary>
    /// <exception cref="FormatException">A part is not NAME=VALUE.</exception>
    public static IReadOnlyDictionary<string, string> ParseLabels(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var labels = new Dictionary<string, string>();
        foreach (var part in text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var pair = part.Split('=', 2, StringSplitOptions.TrimEntries);
            labels[pair[0]] =
                pair.Length == 2 && pair[0].Length > 0
                    ? pair[1]
                    : throw new FormatException($"Label '{part}' must be NAME=VALUE, such as zone=a.");
        }

        return labels;
    }

    internal SiloOffer Offer() => new(Resources, Accelerators, Labels);

    /// <summary>
    /// Whether unfinished train and tune runs go on by themselves after every silo of the cluster was lost. Otherwise they are listed as
    /// interrupted and wait for <see cref="RunsDoor.ResumeAsync"/>. Where only some silos are lost, runs always go on.
    /// </summary>
    /// <value>False.</value>
    public bool ResumeRunsAfterRestart { get; init; }
}
