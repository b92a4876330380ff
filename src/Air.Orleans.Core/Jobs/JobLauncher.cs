using System.Diagnostics;

namespace Air.Orleans.Core.Jobs;

/// <summary>
/// How a job's process is started so that it never outlives its silo: by a small shell script between the two, whose standard input is a pipe
/// from the silo. What the silo writes there is a signal for the program and all processes that it started; when the pipe ends, because the
/// silo closed it or is dead, however it died, they are killed.
/// </summary>
internal static class JobLauncher
{
    /// <summary>
    /// The program gets a session of its own, so that a signal reaches the processes that it started and not the silo's. The launcher ends
    /// with its exit code. A signal for the group of processes that the silo is in, such as that of a terminal which is closed, must end neither
    /// the launcher nor the part of it that watches: the silo decides.
    /// </summary>
    private const string Script = """
        trap : INT TERM HUP QUIT
        exec 3<&0
        setsid "$@" 3<&- </dev/null &
        child=$!
        (
          trap '' INT TERM HUP QUIT
          while read -r signal; do
            kill -s "$signal" -- "-$child" || kill -s "$signal" "$child"
          done <&3
          kill -s KILL -- "-$child" || kill -s KILL "$child"
        ) >/dev/null 2>&1 &
        watcher=$!
        exec 3<&- </dev/null
        wait "$child"
        code=$?
        while [ "$code" -gt 128 ] && kill -0 "$child" 2>/dev/null; do
          wait "$child"
          code=$?
        done
        kill -s KILL "$watcher" 2>/dev/null
        kill -s KILL -- "-$child" 2>/dev/null
        exit "$code"
        """;

    /// <summary>Ends the program by its own means.</summary>
    public const string Terminate = "TERM";

    /// <summary>Ends the program at once.</summary>
    public const string Kill = "KILL";

    /// <summary>The launcher's process, to be started: the program's output is its own.</summary>
    /// <exception cref="AirException">This system has no such launcher.</exception>
    public static ProcessStartInfo Describe(string folder, string entry, IReadOnlyList<string> arguments)
    {
        if (!OperatingSystem.IsLinux())
        {
            throw new AirException(
                "Jobs run on silos on Linux only: elsewhere nothing ends a program with its silo however that dies. Start a silo there."
            );
        }

        var start = new ProcessStartInfo("/bin/sh")
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            ArgumentList = { "-c", Script, "air-job", DotNet(), "exec", Path.Combine(folder, entry) },
        };
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        return start;
    }

    /// <summary>The host of the .NET that the silo itself runs on.</summary>
    private static string DotNet()
    {
        // dotnet/shared/Microsoft.NETCore.App/10.0.0
        var runtime = Path.GetDirectoryName(typeof(object).Assembly.Location);
        var host = string.IsNullOrEmpty(runtime) ? null : Path.GetFullPath(Path.Combine(runtime, "../../../dotnet"));
        return File.Exists(host) ? host : "dotnet";
    }
}
