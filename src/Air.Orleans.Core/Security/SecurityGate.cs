using System.Net;

namespace Air.Orleans.Core.Security;

/// <summary>
/// Decides whether this silo takes code from a caller. Who reached the silo at all has passed TLS and the cluster's secret where they are set,
/// on each of its ports; so what counts is whether he had to prove anything. Asked before code is kept, and again before it runs.
/// </summary>
internal sealed class SecurityGate(ClusterSecurity security, IPAddress address)
{
    /// <summary>A bundle of assemblies, which brings code that the silo does not have.</summary>
    /// <param name="what">What arrived, for the error: "The bundle of job j".</param>
    /// <param name="sha256">The hash of its content, in hexadecimal.</param>
    /// <exception cref="AirException">It is refused; the message says what to set.</exception>
    public void ThrowIfBundleRefused(string what, string sha256)
    {
        ThrowIfUnproved(what);
        var allowed = security.Options.AllowedCode;
        if (allowed.Count > 0 && !allowed.Contains(sha256, StringComparer.OrdinalIgnoreCase))
        {
            throw new AirException(
                $"{what} is refused: its SHA-256 {sha256} is not in Air:Security:AllowedCode of the silo at {address}. "
                    + "Who runs the cluster can add it there."
            );
        }
    }

    /// <summary>An object or delegate, whose types the silo has already and whose fields a caller fills.</summary>
    /// <param name="what">What arrived, for the error: "The training loop CancerLoop".</param>
    /// <param name="assembly">The simple name of the assembly of its type.</param>
    /// <exception cref="AirException">It is refused; the message says what to set.</exception>
    public void ThrowIfImageRefused(string what, string assembly)
    {
        ThrowIfUnproved(what);
        var allowed = security.Options.AllowedCode;
        if (allowed.Count > 0 && !allowed.Contains(assembly, StringComparer.OrdinalIgnoreCase))
        {
            throw new AirException(
                $"{what} is refused: its assembly {assembly} is not in Air:Security:AllowedCode of the silo at {address}. "
                    + "Who runs the cluster can add it there."
            );
        }
    }

    /// <summary>The environment of a job: where only named code runs, it must not name other code.</summary>
    /// <param name="what">What arrived, for the error: "Job 'j'".</param>
    /// <param name="names">The names of the variables that were given.</param>
    /// <exception cref="AirException">It is refused; the message says which variables.</exception>
    public void ThrowIfVariablesRefused(string what, IEnumerable<string> names)
    {
        if (security.Options.AllowedCode.Count > 0 && names.Where(LoaderVariables.Has).Order().ToList() is [_, ..] bad)
        {
            throw new AirException(
                $"{what} is refused: its environment sets {string.Join(", ", bad)}, by which a program can be made to load other code, and "
                    + $"Air:Security:AllowedCode of the silo at {address} says which code may run. Submit it without them; what silos need "
                    + "of them is set where they are started."
            );
        }
    }

    private void ThrowIfUnproved(string what)
    {
        if (!IPAddress.IsLoopback(address) && !security.Tls.IsOn && !security.Secret.IsSet)
        {
            throw new AirException(
                $"{what} is refused: the silo listens on {address}, and nobody there has to prove who he is. Start the silos and clients "
                    + "with TLS (Air:Security:Certificate, Key and Authority; 'air certs' makes them) or at least with the cluster's secret "
                    + "(AIR_SECRET), or keep the silos on loopback."
            );
        }
    }
}
