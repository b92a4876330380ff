using System.CommandLine;
using Air.Orleans.Silo.Configuration;
using Air.Orleans.Silo.Running;

namespace Air.Orleans.Silo;

/// <summary>Starts one silo. All silos of a cluster are equal, and find each other by its URI.</summary>
internal static class SiloCommand
{
    /// <summary>Where silos and commands meet when nobody says otherwise: the folder ".air" here.</summary>
    public const string DefaultCluster = "file:.air";

    /// <summary>A silo drains when it is told to stop; nothing but its own limit may cut that short.</summary>
    public static InvocationConfiguration Invocation { get; } = new() { ProcessTerminationTimeout = null };

    /// <summary>Gives <paramref name="command"/> the options of a silo, and starts one when it is called.</summary>
    public static TCommand Configure<TCommand>(TCommand command)
        where TCommand : Command
    {
        var file = new Option<string?>(ConfigurationFiles.Flag)
        {
            Description =
                $"A JSON file with settings, over those of appsettings.json; else {ConfigurationFiles.Variable}",
        };
        var options = Setting
            .All.Where(static setting => setting.Flag is not null)
            .ToDictionary(static setting => setting.Flag!, NewOption);
        command.Add(file);
        foreach (var option in options.Values)
        {
            command.Add(option);
        }

        var security = new SecurityFlags(command, isSilo: true);
        command.SetAction(
            (parsed, cancellationToken) =>
                SiloProgram.RunAsync(parsed.GetValue(file), Given(parsed), security.Values(parsed), cancellationToken)
        );
        return command;

        Dictionary<string, IReadOnlyList<string>> Given(ParseResult parsed) =>
            options
                .Where(pair => parsed.GetResult(pair.Value) is { Implicit: false })
                .ToDictionary(
                    static pair => pair.Key,
                    pair =>
                        parsed.GetResult(pair.Value)!.Tokens is { Count: > 0 } tokens
                            ? (IReadOnlyList<string>)[.. tokens.Select(static token => token.Value)]
                            : ["true"]
                );
    }

    /// <summary>Texts, all of them: what they must be is told together with everything else that is wrong.</summary>
    private static Option NewOption(Setting setting)
    {
        Option option = setting.IsList
            ? new Option<string[]>(setting.Flag!) { Arity = ArgumentArity.OneOrMore }
            : new Option<string?>(setting.Flag!)
            {
                Arity = setting.Type == typeof(bool) ? ArgumentArity.ZeroOrOne : ArgumentArity.ExactlyOne,
            };
        option.Description =
            $"{setting.Text}; else {setting.Variable}, else {setting.Key} in a file, else {setting.Default}";
        return option;
    }
}
