using System.CommandLine;
using Air.Orleans.CommandLine;
using Air.Orleans.Silo;

var root = new RootCommand("air: the command line of Air.Orleans")
{
    QuickstartCommand.Create(),
    StartCommand.Create(),
    StopCommand.Create(),
    StatusCommand.Create(),
    RunsCommand.Create(),
    CheckpointsCommand.Create(),
    BlocksCommand.Create(),
    ClusterCommand.Create(),
    CertsCommand.Create(),
    SecretCommand.Create(),
    SubmitCommand.Create(),
    JobsCommand.Create(),
    LogsCommand.Create(),
    CodeCommand.Create(),
};
var parsed = root.Parse(args);
return await parsed.InvokeAsync(parsed.CommandResult.Command.Name == StartCommand.Name ? SiloCommand.Invocation : null);
