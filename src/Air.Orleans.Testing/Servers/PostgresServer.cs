using System.Diagnostics;

namespace Air.Orleans.Testing.Servers;

/// <summary>
/// A PostgreSQL server of a test's own, with an empty database and a user without password, both named "air". It refuses to run as root;
/// then it runs as the user postgres. Not thread-safe.
/// </summary>
public sealed class PostgresServer : TestServer, ITestServer<PostgresServer>
{
    private const string SystemUser = "postgres";

    private PostgresServer()
        : base(ports: 1) { }

    /// <inheritdoc/>
    public override ServerKind Kind => ServerKind.PostgreSql;

    /// <summary>"Host=127.0.0.1;Port=...;Username=air;Database=air".</summary>
    public override string ConnectionString => $"Host=127.0.0.1;Port={Ports[0]};Username=air;Database=air";

    /// <summary>Starts one and waits until it answers.</summary>
    /// <exception cref="FileNotFoundException">PostgreSQL is not installed.</exception>
    /// <exception cref="InvalidOperationException">It does not come up within 60 seconds; the message holds its output.</exception>
    public static async Task<PostgresServer> StartAsync(CancellationToken cancellationToken = default)
    {
        var server = new PostgresServer();
        await server.BeginAsync(cancellationToken);
        return server;
    }

    private protected override IReadOnlyList<string> ReadyLines { get; } =
    ["database system is ready to accept connections"];

    private string Data => Path.Combine(Folder, "data");

    private static bool IsRoot => !OperatingSystem.IsWindows() && Environment.UserName == "root";

    private protected override async Task PrepareAsync(CancellationToken cancellationToken)
    {
        var initdb = ServerPrograms.Path(Kind, "initdb");
        if (IsRoot)
        {
            await RunToEndAsync(
                new ProcessStartInfo("chown") { ArgumentList = { SystemUser, Folder } },
                cancellationToken
            );
        }

        await RunToEndAsync(
            AsOwner(initdb, "-D", Data, "-U", "air", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"),
            cancellationToken
        );
        // initdb makes the database "postgres"; ours is made by the server itself in single-user mode.
        await RunToEndAsync(
            AsOwner(ServerPrograms.Path(Kind, "postgres"), "--single", "-D", Data, "postgres"),
            cancellationToken,
            "CREATE DATABASE air;\n"
        );
    }

    private protected override ProcessStartInfo Command() =>
        AsOwner(
            ServerPrograms.Path(Kind, "postgres"),
            "-D",
            Data,
            "-c",
            "listen_addresses=127.0.0.1",
            "-c",
            $"port={Ports[0]}",
            "-c",
            "unix_socket_directories=",
            // A process that is killed loses nothing by it; only a machine that goes down would.
            "-c",
            "fsync=off"
        );

    private static ProcessStartInfo AsOwner(string program, params string[] arguments) =>
        IsRoot
            ? new ProcessStartInfo(
                "setpriv",
                ["--reuid", SystemUser, "--regid", SystemUser, "--clear-groups", program, .. arguments]
            )
            : new ProcessStartInfo(program, arguments);

    private async Task RunToEndAsync(ProcessStartInfo start, CancellationToken cancellationToken, string input = "")
    {
        start.RedirectStandardInput = true;
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        start.WorkingDirectory = Folder;
        using var process = Process.Start(start)!;
        await process.StandardInput.WriteAsync(input.AsMemory(), cancellationToken);
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
        var errors = process.StandardError.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException(
                $"'{start.FileName} {string.Join(' ', start.ArgumentList)}' ended with {process.ExitCode}:\n{await output}{await errors}"
            );
        }
    }
}
