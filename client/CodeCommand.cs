using System.CommandLine;
using Air.Orleans.Core;

namespace Air.Orleans.CommandLine;

/// <summary><c>air code</c>: the code that the cluster was sent; and <c>delete</c> of it.</summary>
internal static class CodeCommand
{
    public static Command Create()
    {
        var hash = new Argument<string>("hash") { Description = "The code's hash, or its first digits" };
        var delete = new AskCommand(
            "delete",
            "Delete code; what comes to need it later fails, until it is sent again",
            async (call, cancellationToken) =>
                call.Print(
                    await call.Air.Code.DeleteAsync(call.Parsed.GetValue(hash)!, cancellationToken),
                    static code => Print([code])
                )
        )
        {
            hash,
        };
        return new AskCommand(
            "code",
            "The code that the cluster was sent, that used last first; what nothing uses for a week goes by itself",
            static async (call, cancellationToken) =>
                call.Print(await call.Air.Code.ListAsync(cancellationToken), Print)
        )
        {
            delete,
        };
    }

    private static void Print(IReadOnlyList<CodeInfo> codes) =>
        Tables.Print(
            "Code",
            codes,
            "no code",
            ("hash", static code => code.Hash[..12]),
            ("name", static code => code.Name),
            ("files", static code => $"{code.Files}"),
            ("size", static code => Tables.Bytes(code.Bytes)),
            ("used", static code => $"{Tables.Since(code.UsedAt)} ago"),
            ("needed by", static code => string.Join(", ", code.HeldBy))
        );
}
