using System.CommandLine;
using Air.Orleans.Core;

namespace Air.Orleans.CommandLine;

/// <summary><c>air stop</c>: one silo, or all of a cluster.</summary>
internal static class StopCommand
{
    public static Command Create()
    {
        var silos = new Argument<string[]>("silo")
        {
            Description = "The address of a silo (host:port), as 'air status' prints it",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var all = new Option<bool>("--all") { Description = "Stop every silo; what was committed stays" };
        var command = new AskCommand(
            "stop",
            "Stop silos: their work is told to end, their leases are given back",
            async (call, cancellationToken) =>
            {
                var named = call.Parsed.GetValue(silos)!;
                var up = await call.Air.Silos.ListAsync(cancellationToken);
                var stopping = call.Parsed.GetValue(all) ? up : [.. named.Select(name => Find(up, name))];
                // The silo that this program talks through comes last, as the others' answers come by it.
                foreach (var silo in stopping)
                {
                    await call.Air.Silos.StopAsync(silo.Address, cancellationToken);
                    if (!call.Json)
                    {
                        await Console.Out.WriteLineAsync(
                            $"stopped {silo.Address} (process {silo.ProcessId} on {silo.Host})"
                        );
                    }
                }

                return call.Json ? call.Print(stopping.Select(static silo => silo.Address), static _ => { }) : 0;
            }
        )
        {
            silos,
            all,
        };
        command.Validators.Add(result =>
        {
            if (result.GetValue(all) == (result.GetValue(silos)!.Length > 0))
            {
                result.AddError("Name the silos to stop, or give --all.");
            }
        });
        return command;
    }

    private static SiloDescription Find(IReadOnlyList<SiloDescription> up, string name) =>
        up.FirstOrDefault(silo =>
            silo.Address == name
            || silo.Address.StartsWith(name + "@", StringComparison.Ordinal)
            || $"{silo.ProcessId}" == name
        )
        ?? throw new AirException(
            $"There is no silo '{name}' in this cluster; there are {string.Join(", ", up.Select(static silo => silo.Address))}."
        );
}
