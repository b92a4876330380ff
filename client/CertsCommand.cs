using System.CommandLine;
using Air.Orleans.Core.Security;

namespace Air.Orleans.CommandLine;

/// <summary><c>air certs</c>: an authority, certificates, a secret and an HTTP key in a folder, for development.</summary>
internal static class CertsCommand
{
    public static Command Create()
    {
        var folder = new Argument<string>("folder") { Description = "Where to; it is made when it is not there" };
        var hosts = new Option<string[]>("--host")
        {
            Description =
                "A name or IP address by which HTTP clients reach the silos, besides loopback; may be given several times",
            DefaultValueFactory = static _ => [],
        };
        var days = new Option<int>("--days")
        {
            Description = "How many days they are valid",
            DefaultValueFactory = static _ => 365,
        };
        var force = new Option<bool>("--force") { Description = "Make all anew where there are some" };
        var json = new Option<bool>("--json") { Description = "Print one JSON value and nothing else" };
        var command = new Command("certs", "Make an authority, certificates, a secret and an HTTP key for development")
        {
            folder,
            hosts,
            days,
            force,
            json,
        };
        command.SetAction(
            (parsed, _) =>
                Border.RunAsync(() =>
                {
                    var path = Path.GetFullPath(parsed.GetValue(folder)!);
                    var valid = parsed.GetValue(days);
                    ArgumentOutOfRangeException.ThrowIfLessThan(valid, 1, "--days");
                    SecurityFolder.Create(
                        path,
                        parsed.GetValue(hosts) ?? [],
                        valid,
                        parsed.GetValue(force),
                        TimeProvider.System
                    );
                    Print(path, valid, parsed.GetValue(json));
                    return Task.FromResult(0);
                })
        );
        return command;
    }

    private static void Print(string folder, int days, bool json)
    {
        if (json)
        {
            Console.Out.WriteLine(
                JsonText.Of(
                    new
                    {
                        Folder = folder,
                        SecurityFolder.Files,
                        Days = days,
                    }
                )
            );
            return;
        }

        Console.Out.WriteLine($"{string.Join(", ", SecurityFolder.Files)} are in {folder}, valid for {days} days.");
        Console.Out.WriteLine($"Silos:    air start --tls {folder}");
        Console.Out.WriteLine($"Clients:  air status --tls {folder}, or AIR_TLS={folder} for any program");
        Console.Out.WriteLine(
            "Give a silo's machine authority.pem, silo.pem, silo.key, secret and api-keys; a client's authority.pem, client.pem, client.key and "
                + "secret. authority.key makes more certificates: keep it away from both."
        );
    }
}
