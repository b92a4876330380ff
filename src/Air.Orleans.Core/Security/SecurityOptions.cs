using System.Text;
using System.Text.Json.Serialization;

namespace Air.Orleans.Core;

/// <summary>
/// How a silo or a client proves who it is and whom it believes: the same names in both. What is not set is off, and then silos listen on
/// loopback only. Immutable; its text and its JSON hold no secret.
/// </summary>
public sealed record SecurityOptions
{
    /// <summary>A PEM file with this process's certificate, and after it those of authorities between it and <see cref="Authority"/>.</summary>
    /// <value>None: no TLS.</value>
    public string? Certificate { get; init; }

    /// <summary>A PEM file with the private key of <see cref="Certificate"/>.</summary>
    public string? Key { get; init; }

    /// <summary>A PEM file with the authority whose certificates are believed, and no others; several while one replaces another.</summary>
    public string? Authority { get; init; }

    /// <summary>A name that the certificate of every silo must carry.</summary>
    /// <value>None: whatever certificate for servers <see cref="Authority"/> gave out is that of a silo.</value>
    public string? ServerName { get; init; }

    /// <summary>Whether the authority is asked, over the network, which certificates it has revoked.</summary>
    /// <value>False.</value>
    public bool CheckRevocation { get; init; }

    /// <summary>The cluster's secret: whoever connects to a silo, its gateway or its data must know it. At least 32 characters.</summary>
    /// <value>None.</value>
    [JsonIgnore]
    public string? Secret { get; init; }

    /// <summary>A file that holds the cluster's secret, in place of <see cref="Secret"/>.</summary>
    public string? SecretFile { get; init; }

    /// <summary>The keys that the HTTP endpoint takes, each under a name by which it is withdrawn. A client sends the first.</summary>
    [JsonIgnore]
    public IReadOnlyDictionary<string, string> ApiKeys { get; init; } = new Dictionary<string, string>();

    /// <summary>A file of more keys, one NAME=KEY in each line; a silo reads it again when it changes.</summary>
    public string? ApiKeysFile { get; init; }

    /// <summary>A PEM file with another certificate for the HTTP endpoint, such as a public one.</summary>
    /// <value>None: <see cref="Certificate"/>.</value>
    public string? HttpCertificate { get; init; }

    /// <summary>A PEM file with the private key of <see cref="HttpCertificate"/>.</summary>
    public string? HttpKey { get; init; }

    /// <summary>Whether the HTTP endpoint stays without TLS where the others have it, because a proxy in front of it has it.</summary>
    /// <value>False.</value>
    public bool HttpPlain { get; init; }

    /// <summary>
    /// Whether silos may listen beyond loopback without TLS, secret or API keys, because everybody on the network is trusted. Code is taken
    /// from nobody then who has not proved who he is.
    /// </summary>
    /// <value>False.</value>
    public bool AllowInsecure { get; init; }

    /// <summary>
    /// The only code that is taken from clients: bundles by their SHA-256 (64 hexadecimal digits), and objects and delegates by the simple
    /// name of the assembly of their types, which the silo has already.
    /// </summary>
    /// <value>Empty: all.</value>
    public IReadOnlyList<string> AllowedCode { get; init; } = [];

    /// <summary>The options; of secrets, only whether they are set.</summary>
    public override string ToString()
    {
        var text = new StringBuilder(nameof(SecurityOptions)).Append(" { ");
        PrintMembers(text);
        return text.Append(" }").ToString();
    }

    private bool PrintMembers(StringBuilder text)
    {
        text.Append("Certificate = ").Append(Certificate);
        text.Append(", Authority = ").Append(Authority);
        text.Append(", ServerName = ").Append(ServerName);
        text.Append(", Secret = ").Append(Secret is null && SecretFile is null ? "none" : "set");
        text.Append(", ApiKeys = ").Append(string.Join(' ', ApiKeys.Keys)).Append(' ').Append(ApiKeysFile);
        text.Append(", AllowInsecure = ").Append(AllowInsecure);
        text.Append(", AllowedCode = ").Append(AllowedCode.Count);
        return true;
    }
}
