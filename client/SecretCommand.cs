using System.CommandLine;
using Air.Orleans.Core;
using Air.Orleans.Core.Security;

namespace Air.Orleans.CommandLine;

/// <summary><c>air secret</c>: a file with a new cluster secret, or a new key for HTTP in a file of keys.</summary>
internal static class SecretCommand
{
    public static Command Create()
    {
        var file = new Argument<string>("file")
        {
            Description = "The file, which its owner alone will be able to read",
        };
        var key = new Option<string?>("--key")
        {
            Description = "Add a key for HTTP under this name to a file of keys, in place of making a cluster secret",
        };
        var force = new Option<bool>("--force") { Description = "Put a new secret in the place of one that is there" };
        var command = new Command("secret", "Make a cluster secret, or a key for HTTP; neither is printed")
        {
            file,
            key,
            force,
        };
        command.SetAction(
            (parsed, _) =>
                Border.RunAsync(() =>
                {
                    var path = Path.GetFullPath(parsed.GetValue(file)!);
                    Console.Out.WriteLine(
                        parsed.GetValue(key) is { } name ? AddKey(path, name) : Make(path, parsed.GetValue(force))
                    );
                    return Task.FromResult(0);
                })
        );
        return command;
    }

    private static string Make(string path, bool force)
    {
        if (File.Exists(path) && !force)
        {
            throw new AirException($"'{path}' is there already, and silos may use it: give another file, or --force.");
        }

        SecurityFolder.WriteSecret(path, DevelopmentCertificates.NewSecret());
        return $"{path} holds a new secret: set AIR_SECRET_FILE={path} for silos and clients.";
    }

    private static string AddKey(string path, string name)
    {
        if (name.Length == 0 || name.Any(static c => c is '=' or '#' || char.IsWhiteSpace(c)))
        {
            throw new FormatException($"'{name}' is no name of a key: give letters, digits, '-', '_' and '.'.");
        }

        var keys = File.Exists(path) ? File.ReadAllText(path) : "";
        if (keys.Split('\n').Any(line => line.Split('=')[0].Trim() == name))
        {
            throw new AirException(
                $"'{path}' holds a key '{name}' already: take its line out first, or give another name."
            );
        }

        var end = keys.Length == 0 || keys.EndsWith('\n') ? "" : "\n";
        SecurityFolder.WriteSecret(path, $"{keys}{end}{name}={DevelopmentCertificates.NewSecret()}\n");
        return $"{path} holds the key '{name}' now: AIR_API_KEYS_FILE={path} for silos, which read it again when it changes.";
    }
}
