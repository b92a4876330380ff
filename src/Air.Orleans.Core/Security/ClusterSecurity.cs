namespace Air.Orleans.Core.Security;

/// <summary>What a process proves itself with, read and checked.</summary>
internal sealed record ClusterSecurity(
    SecurityOptions Options,
    ClusterTls Tls,
    ClusterSecret Secret,
    ApiKeyRing ApiKeys
)
{
    /// <summary>Nothing is proved.</summary>
    public static ClusterSecurity None { get; } =
        new(new SecurityOptions(), ClusterTls.Off, ClusterSecret.None, ApiKeyRing.Empty);

    /// <summary>The certificate of the HTTP endpoint where it has one of its own; null where it has the silo's or none.</summary>
    public CertificateFile? Http { get; init; }

    public override string ToString() => Options.ToString();
}
