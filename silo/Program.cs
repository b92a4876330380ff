using System.CommandLine;
using System.CommandLine.Invocation;
using Air.Orleans.Silo;

var parsed = SiloCommand.Configure(new RootCommand("air-silo: a silo of Air.Orleans")).Parse(args);
if (parsed.Action is ParseErrorAction fault)
{
    // One line that says what is wrong is lost in a page of options.
    fault.ShowHelp = false;
}

return await parsed.InvokeAsync(SiloCommand.Invocation);
