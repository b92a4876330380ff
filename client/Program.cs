using System.CommandLine;
using System.CommandLine.Invocation;
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
if (parsed.Action is ParseErrorAction fault)
{
    // One line that says what is wrong is lost in a page of options; where only a command is missing, they are the answer.
    fault.ShowHelp = parsed.CommandResult.Command.Action is null;
}

return await parsed.InvokeAsync(parsed.CommandResult.Command.Name == StartCommand.Name ? SiloCommand.Invocation : null);
