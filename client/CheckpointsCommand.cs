using System.CommandLine;
using System.Globalization;
using Air.Orleans.Core;

namespace Air.Orleans.CommandLine;

/// <summary><c>air checkpoints</c>: those of a run; and <c>verify</c>, <c>export</c>, <c>import</c>, <c>delete</c> of one.</summary>
internal static class CheckpointsCommand
{
    public static Command Create()
    {
        var command = List();
        command.Add(
            One(
                "verify",
                "Read every byte of a checkpoint and check its hashes",
                static async (air, id, cancellationToken) =>
                {
                    var checkpoint = await air.Checkpoints.GetAsync(id, cancellationToken);
                    await checkpoint.VerifyAsync(cancellationToken);
                    return "is whole";
                }
            )
        );
        command.Add(
            One(
                "delete",
                "Delete a checkpoint that is not in use",
                static async (air, id, cancellationToken) =>
                    await air.Checkpoints.DeleteAsync(id, cancellationToken) ? "is deleted" : "was not there"
            )
        );
        command.Add(Export());
        command.Add(Import());
        return command;
    }

    private static AskCommand List()
    {
        var run = new Argument<string?>("run")
        {
            Description = "The run's name, as 'air runs' prints it; else those of all runs",
            Arity = ArgumentArity.ZeroOrOne,
        };
        return new AskCommand(
            "checkpoints",
            "The checkpoints that the cluster keeps, of each run the oldest first",
            async (call, cancellationToken) =>
            {
                string[] runs = call.Parsed.GetValue(run) is { } name
                    ? [name]
                    : [.. (await call.Air.Runs.ListAsync(cancellationToken)).Select(static one => one.Name).Distinct()];
                var manifests = new List<CheckpointManifest>();
                foreach (var one in runs)
                {
                    var kept = await call.Air.Checkpoints.ListAsync(one, cancellationToken);
                    manifests.AddRange(kept.Select(static checkpoint => checkpoint.Manifest));
                }

                return call.Print(manifests, Print);
            }
        )
        {
            run,
        };
    }

    private static void Print(IReadOnlyList<CheckpointManifest> manifests) =>
        Tables.Print(
            "Checkpoints",
            manifests,
            "no checkpoints",
            ("id", static manifest => manifest.Id),
            ("iteration", static manifest => $"{manifest.Iteration}"),
            ("size", static manifest => Tables.Bytes(manifest.Bytes)),
            ("committed", static manifest => $"{Tables.Since(manifest.CreatedAt)} ago"),
            ("metrics", static manifest => Metrics(manifest))
        );

    private static AskCommand Export()
    {
        var id = new Argument<string>("id") { Description = "The checkpoint's id" };
        var folder = new Argument<string>("folder") { Description = "An empty folder, or one that is not there yet" };
        return new AskCommand(
            "export",
            "Write a checkpoint's files and its manifest into a folder",
            async (call, cancellationToken) =>
            {
                var (which, where) = (call.Parsed.GetValue(id)!, call.Parsed.GetValue(folder)!);
                await call.Air.Checkpoints.ExportAsync(which, where, cancellationToken);
                return call.Print(
                    new { Id = which, Folder = Path.GetFullPath(where) },
                    static done => Console.Out.WriteLine($"{done.Id} is in {done.Folder}")
                );
            }
        )
        {
            id,
            folder,
        };
    }

    private static AskCommand Import()
    {
        var folder = new Argument<string>("folder") { Description = "What 'air checkpoints export' wrote" };
        var run = new Option<string?>("--run") { Description = "The run whose latest it becomes; else 'import'" };
        return new AskCommand(
            "import",
            "Bring a checkpoint from a folder into the cluster",
            async (call, cancellationToken) =>
            {
                var checkpoint = await call.Air.Checkpoints.ImportAsync(
                    call.Parsed.GetValue(folder)!,
                    call.Parsed.GetValue(run),
                    cancellationToken
                );
                return call.Print(
                    checkpoint.Manifest,
                    static manifest => Console.Out.WriteLine($"imported as {manifest.Id}")
                );
            }
        )
        {
            folder,
            run,
        };
    }

    private static AskCommand One(
        string verb,
        string description,
        Func<IAirCluster, string, CancellationToken, Task<string>> run
    )
    {
        var id = new Argument<string>("id") { Description = "The checkpoint's id" };
        return new AskCommand(
            verb,
            description,
            async (call, cancellationToken) =>
            {
                var which = call.Parsed.GetValue(id)!;
                var outcome = await run(call.Air, which, cancellationToken);
                return call.Print(
                    new { Id = which, Outcome = outcome },
                    static done => Console.Out.WriteLine($"{done.Id} {done.Outcome}")
                );
            }
        )
        {
            id,
        };
    }

    private static string Metrics(CheckpointManifest manifest) =>
        string.Join(
            ", ",
            manifest.Metrics.Select(static metric =>
                string.Create(CultureInfo.InvariantCulture, $"{metric.Key} {metric.Value:G4}")
            )
        );
}
