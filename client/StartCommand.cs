using System.CommandLine;
using System.Diagnostics;
using Air.Orleans.Core;
using Air.Orleans.Silo;

namespace Air.Orleans.CommandLine;

/// <summary><c>air start</c>: a silo, with the options of the silo host; in the foreground, or left running.</summary>
internal static class StartCommand
{
    public const string Name = "start";

    private const string DetachName = "--detach";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public static Command Create()
    {
        var detach = new Option<bool>(DetachName)
        {
            Description = "Return when the silo is up and leave it running; 'air stop' ends it",
        };
        var command = SiloCommand.Configure(new Command(Name, "Start a silo, the first of its cluster or one more"));
        var run = command.Action!;
        command.Add(detach);
        command.SetAction(
            (parsed, cancellationToken) =>
                parsed.GetValue(detach)
                    ? Border.RunAsync(() =>
                        DetachAsync(parsed.Tokens.Select(static token => token.Value), cancellationToken)
                    )
                    : ((System.CommandLine.Invocation.AsynchronousCommandLineAction)run).InvokeAsync(
                        parsed,
                        cancellationToken
                    )
        );
        return command;
    }

    /// <summary>Starts this program again without the option, its output in a file, and waits for the line that says the silo is up.</summary>
    private static async Task<int> DetachAsync(IEnumerable<string> arguments, CancellationToken cancellationToken)
    {
        var log = Path.Combine(Path.GetTempPath(), $"air-silo-{Guid.NewGuid():N}.log");
        var start = new ProcessStartInfo("/bin/sh") { RedirectStandardInput = true };
        // The shell's part: no terminal, no end with it, and both outputs in one file.
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add("log=$1; shift; exec nohup \"$@\" > \"$log\" 2>&1 < /dev/null");
        start.ArgumentList.Add("air");
        start.ArgumentList.Add(log);
        start.ArgumentList.Add(Environment.ProcessPath!);
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet")
        {
            start.ArgumentList.Add(typeof(StartCommand).Assembly.Location);
        }

        foreach (var argument in arguments.Where(static argument => argument != DetachName))
        {
            start.ArgumentList.Add(argument);
        }

        using var process = Process.Start(start) ?? throw new AirException("The silo's process could not be started.");
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Patience);
        while (true)
        {
            var lines = File.Exists(log) ? await File.ReadAllLinesAsync(log, cancellationToken) : [];
            if (lines.FirstOrDefault(static line => line.Contains("is up", StringComparison.Ordinal)) is { } up)
            {
                var silo = up.Replace(" Ctrl+C stops it.", "", StringComparison.Ordinal);
                await Console.Out.WriteLineAsync($"{silo} Process {process.Id}, log {log}.");
                return 0;
            }

            if (process.HasExited)
            {
                var error = lines.LastOrDefault(static line => line.StartsWith("error: ", StringComparison.Ordinal));
                throw new AirException(
                    error?["error: ".Length..] ?? $"The silo ended with code {process.ExitCode}; its log is {log}."
                );
            }

            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, limit.Token);
        }
    }
}
