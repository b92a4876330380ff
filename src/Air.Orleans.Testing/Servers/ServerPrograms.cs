namespace Air.Orleans.Testing.Servers;

/// <summary>Which servers this machine can start. Thread-safe.</summary>
public static class ServerPrograms
{
    /// <summary>The environment variable that, set to 1, makes a missing server fail its tests instead of skipping them.</summary>
    public const string RequiredVariable = "AIR_REQUIRE_SERVERS";

    /// <summary>Whether the programs of <paramref name="server"/> are found, on PATH or where Debian puts them.</summary>
    public static bool IsInstalled(ServerKind server) => Missing(server) is null;

    /// <summary>
    /// Why a test that needs these servers is skipped; null when all of them are installed, or when
    /// <see cref="RequiredVariable"/> demands that the test runs and fails.
    /// </summary>
    public static string? SkipReason(params IEnumerable<ServerKind> servers) =>
        Environment.GetEnvironmentVariable(RequiredVariable) == "1"
            ? null
            : servers.Select(Missing).FirstOrDefault(static reason => reason is not null);

    /// <summary>The path of a program of that server.</summary>
    /// <exception cref="FileNotFoundException">It is not installed.</exception>
    internal static string Path(ServerKind server, string program) =>
        Find(program) ?? throw new FileNotFoundException(Missing(server, program));

    private static string? Missing(ServerKind server) =>
        server == ServerKind.NetworkNamespaces && !(OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess)
            ? "Network namespaces take Linux and root: run the tests as root."
            : MissingProgram(server);

    private static string? MissingProgram(ServerKind server) =>
        Programs(server)
            .Where(static program => Find(program) is null)
            .Select(program => Missing(server, program))
            .FirstOrDefault();

    private static string Missing(ServerKind server, string program) =>
        $"'{program}' is neither on PATH nor in its usual folder: {Advice(server)}.";

    private static string[] Programs(ServerKind server) =>
        server switch
        {
            ServerKind.Redis => ["redis-server"],
            ServerKind.PostgreSql => ["initdb", "postgres"],
            ServerKind.Azurite => ["azurite"],
            ServerKind.NetworkNamespaces => ["ip", "tc"],
            _ => throw new ArgumentOutOfRangeException(nameof(server), server, "There is no such server."),
        };

    private static string Advice(ServerKind server) =>
        server switch
        {
            ServerKind.Redis => "install the Debian package redis-server",
            ServerKind.PostgreSql => "install the Debian package postgresql",
            ServerKind.NetworkNamespaces => "install the Debian package iproute2",
            _ => "install the npm package azurite with 'npm install -g azurite'",
        };

    private static string? Find(string program) =>
        Folders()
            .SelectMany(folder =>
                new[]
                {
                    System.IO.Path.Combine(folder, program),
                    System.IO.Path.Combine(folder, program + (program == "azurite" ? ".cmd" : ".exe")),
                }
            )
            .FirstOrDefault(File.Exists);

    private static IEnumerable<string> Folders()
    {
        var onPath = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(
            System.IO.Path.PathSeparator,
            StringSplitOptions.RemoveEmptyEntries
        );
        const string Debian = "/usr/lib/postgresql";
        var ofPostgres = Directory.Exists(Debian)
            ? Directory
                .GetDirectories(Debian)
                .OrderByDescending(static folder =>
                    int.TryParse(System.IO.Path.GetFileName(folder), out var version) ? version : 0
                )
                .Select(static folder => System.IO.Path.Combine(folder, "bin"))
            : [];
        return onPath.Concat(ofPostgres);
    }
}
