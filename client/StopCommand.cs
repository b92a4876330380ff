using System.CommandLine;
using System.ComponentModel;
using System.Diagnostics;
using System.Net;
using Air.Orleans.Core;

namespace Air.Orleans.CommandLine;

/// <summary><c>air stop</c>: one silo, or all of a cluster.</summary>
internal static class StopCommand
{
    /// <summary>For what a process does after its silo has left the cluster.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

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
                    await EndedAsync(silo, cancellationToken);
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

    /// <summary>
    /// A silo that has left the cluster still closes its files. Where its process is one of this machine, its folders may be removed and
    /// its ports taken once this ends.
    /// </summary>
    private static async Task EndedAsync(SiloDescription silo, CancellationToken cancellationToken)
    {
        if (silo.Host != Dns.GetHostName())
        {
            return;
        }

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Patience);
        try
        {
            using var process = Process.GetProcessById(silo.ProcessId);
            // Each process reckons it from its own clock.
            if ((process.StartTime.ToUniversalTime() - silo.StartedAt.UtcDateTime).Duration() < TimeSpan.FromSeconds(1))
            {
                await process.WaitForExitAsync(limit.Token);
            }
        }
        catch (Exception error) when (error is ArgumentException or InvalidOperationException or Win32Exception)
        {
            // It has ended, or is another's whose processes this user does not see.
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            await Console.Error.WriteLineAsync(
                $"Silo {silo.Address} has left the cluster, but its process {silo.ProcessId} has not ended for {Patience.TotalSeconds:0} s."
            );
        }
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
