using System.Net;
using Air.Orleans.Core;

namespace Air.Orleans.Silo.Configuration;

/// <summary>
/// Everything that can be set of a silo's host, in one place: a property with <see cref="SettingAttribute"/> is a key below "Air:", an
/// environment variable and, where it says so, a flag; it is in --help, and a test wants it in docs/deploy.md.
/// </summary>
internal sealed record SiloSettings
{
    [Setting(
        "The cluster: file:///path, redis://host:port, postgresql://user@host/database or azure://, with ?cluster=ID",
        Flag = "--cluster",
        Default = SiloCommand.DefaultCluster
    )]
    public ClusterUri Cluster { get; init; } = ClusterUri.Parse(SiloCommand.DefaultCluster);

    [Setting(
        "Where checkpoints and runs are kept when not with the cluster: a URI as for the cluster, or sqlite:///path",
        Flag = "--storage",
        Default = "with the cluster"
    )]
    public ClusterUri? Storage { get; init; }

    [Setting(
        "The IP address of this machine to listen on and to be found under, for silos, clients, data and HTTP",
        Flag = "--address",
        Default = "127.0.0.1"
    )]
    public IPAddress? Address { get; init; }

    [Setting("The port for other silos", Flag = "--silo-port")]
    public int SiloPort { get; init; }

    [Setting("The port for clients", Flag = "--gateway-port")]
    public int GatewayPort { get; init; }

    [Setting("The port for served models, or off", Flag = "--http-port")]
    public int? HttpPort { get; init; } = 0;

    [Setting("The port for blocks and checkpoint shards", Flag = "--data-port")]
    public int DataPort { get; init; }

    [Setting(
        "The port of Arrow Flight, by which other languages read blocks, or off",
        Flag = "--flight-port",
        Default = "off"
    )]
    public int? FlightPort { get; init; }

    [Setting("The port for health, metrics and the dashboard, or off", Flag = "--admin-port")]
    public int? AdminPort { get; init; } = 0;

    [Setting(
        "The IP address on which the admin port listens, 0.0.0.0 for all; beyond loopback it has TLS and wants a key",
        Flag = "--admin-address"
    )]
    public IPAddress AdminAddress { get; init; } = IPAddress.Loopback;

    [Setting("The key for /metrics and /dashboard, at least 16 characters", IsSecret = true)]
    public string AdminKey { get; init; } = "";

    [Setting("A file that holds the key for /metrics and /dashboard, in place of the key itself")]
    public string AdminKeyFile { get; init; } = "";

    [Setting("Whether /metrics and /dashboard answer without a key; on loopback only")]
    public bool AdminOpen { get; init; }

    [Setting("Whether the silo has Orleans' dashboard; its profiler then looks at every call", Flag = "--dashboard")]
    public bool Dashboard { get; init; }

    [Setting(
        "What this silo offers in place of what the machine has, such as GPU=2,CPU=4,memory=8GB,licence=1",
        Flag = "--resources",
        Default = "what the machine has"
    )]
    public string Resources { get; init; } = "";

    [Setting("Labels that work can ask for, such as zone=a,tier=gpu", Flag = "--labels")]
    public string Labels { get; init; } = "";

    [Setting(
        "An assembly with user code (training loops, functions, predictors); may be given several times",
        Flag = "--load"
    )]
    public IReadOnlyList<string> Load { get; init; } = [];

    [Setting(
        "How many bytes of blocks stay in memory, such as 8GB",
        Flag = "--block-memory",
        Default = "40 % of the process's memory"
    )]
    public long? BlockMemory { get; init; }

    [Setting(
        "The folder in which the processes of this host share blocks",
        Flag = "--block-folder",
        Default = "one in /dev/shm, or in the temporary folder where that is too small"
    )]
    public string? BlockFolder { get; init; }

    [Setting(
        "The folder of blocks that have no room in memory",
        Flag = "--spill-folder",
        Default = "one in the temporary folder"
    )]
    public string? SpillFolder { get; init; }

    [Setting(
        "The folder for code that the silo is sent, and for its jobs; only its user may write there",
        Flag = "--code-folder",
        Default = "air/code in the user's folder for local data"
    )]
    public string? CodeFolder { get; init; }

    [Setting("Whether runs go on by themselves after every silo was lost")]
    public bool ResumeRunsAfterRestart { get; init; }

    [Setting("How many seconds a silo that is told to stop may take to hand its work over", Flag = "--drain-seconds")]
    public TimeSpan DrainSeconds { get; init; } = TimeSpan.FromSeconds(25);

    [Setting("How the log is written, text or json", Key = "Logging:Format", Flag = "--log-format")]
    public LogFormat LoggingFormat { get; init; }

    [Setting(
        "Whether the silo takes its name from its pod and removes silos whose pods are gone",
        Flag = "--kubernetes"
    )]
    public bool Kubernetes { get; init; }
}
