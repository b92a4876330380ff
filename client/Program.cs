using System.CommandLine;
using Air.Orleans.Client;

var root = new RootCommand("air: the command line of Air.Orleans")
{
    QuickstartCommand.Create(),
    StartCommand.Create(),
    StopCommand.Create(),
    StatusCommand.Create(),
    RunsCommand.Create(),
    CheckpointsCommand.Create(),
    ClusterCommand.Create(),
};
return await root.Parse(args).InvokeAsync();
