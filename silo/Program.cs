using System.CommandLine;
using Air.Orleans.Silo;

return await SiloCommand
    .Configure(new RootCommand("air-silo: a silo of Air.Orleans"))
    .Parse(args)
    .InvokeAsync(SiloCommand.Invocation);
