using System.CommandLine;
using Air.Orleans.Core;

namespace Air.Orleans.CommandLine;

/// <summary><c>air submit</c>: sends a program to the cluster and has it run there.</summary>
internal static class SubmitCommand
{
    public static Command Create()
    {
        var program = new Argument<string>("program")
        {
            Description =
                "The program's DLL, which goes with all that lies beside it, or the folder that 'dotnet publish' made",
        };
        var arguments = new Argument<string[]>("arguments")
        {
            Description = "What the program is given; write -- before the first",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var name = new Option<string?>("--name") { Description = "The job's name; else one that no other has" };
        var variables = new Option<string[]>("--env")
        {
            Description = "An environment variable of the program, as NAME=VALUE; may be given several times",
            DefaultValueFactory = static _ => [],
        };
        var resources = new Option<string>("--resources")
        {
            Description = "What is reserved for the program itself, such as CPU=1,memory=2GB; else nothing",
            DefaultValueFactory = static _ => "",
        };
        var retries = new Option<int>("--retries")
        {
            Description =
                "How often the program is started again when its silo is lost; with 1 or more, whenever a silo drains too",
            DefaultValueFactory = static _ => 0,
        };
        var wait = new Option<bool>("--wait")
        {
            Description = "Print what the program writes until it has ended; 1 where it did not succeed",
        };
        return new AskCommand(
            "submit",
            "Run a program in the cluster; it goes on when this command has ended",
            async (call, cancellationToken) =>
            {
                var options = new JobOptions
                {
                    Name = call.Parsed.GetValue(name),
                    Arguments = call.Parsed.GetValue(arguments) ?? [],
                    Environment = Variables(call.Parsed.GetValue(variables) ?? []),
                    Resources = ResourceSet.Parse(call.Parsed.GetValue(resources)!),
                    Retries = call.Parsed.GetValue(retries),
                };
                var job = await call.Air.Jobs.SubmitAsync(call.Parsed.GetValue(program)!, options, cancellationToken);
                if (call.Parsed.GetValue(wait))
                {
                    if (!call.Json)
                    {
                        await LogsCommand.PrintAsync(call.Air, job.Name, follow: true, cancellationToken);
                    }

                    job = await call.Air.Jobs.WaitAsync(job.Name, cancellationToken);
                }

                call.Print(job, static one => JobsCommand.Print([one]));
                return job.State == JobState.Failed ? 1 : 0;
            }
        )
        {
            program,
            arguments,
            name,
            variables,
            resources,
            retries,
            wait,
        };
    }

    private static Dictionary<string, string> Variables(string[] texts)
    {
        var variables = new Dictionary<string, string>();
        foreach (var text in texts)
        {
            var pair = text.Split('=', 2);
            variables[pair[0]] =
                pair.Length == 2 && pair[0].Length > 0
                    ? pair[1]
                    : throw new FormatException($"--env {text} must be NAME=VALUE, such as --env MODE=fast.");
        }

        return variables;
    }
}
