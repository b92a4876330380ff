using Air.Orleans.Silo;

return await SiloCommand.Create().Parse(args).InvokeAsync();
