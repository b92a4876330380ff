namespace Air.Orleans.Core.Security;

/// <summary>What a process proves itself with, read and checked.</summary>
internal sealed record ClusterSecurity(SecurityOptions Options, ClusterTls Tls, ClusterSecret Secret)
{
    /// <summary>Nothing is proved.</summary>
    public static ClusterSecurity None { get; } = new(new SecurityOptions(), ClusterTls.Off, ClusterSecret.None);

    public override string ToString() => Options.ToString();
}
