using System.Globalization;
using Air.Orleans.Core.Jobs.Control;
using Air.Orleans.Core.Security;

namespace Air.Orleans.Core.Jobs;

/// <summary>What a job's program finds in its environment, so that it reaches the cluster that it runs in.</summary>
/// <param name="security">What the silo proves itself with; the program proves itself with the same.</param>
/// <param name="gate">Whether what the user gave may be set here.</param>
/// <param name="place">The cluster; null where it is embedded in one process.</param>
internal sealed class JobEnvironment(ClusterSecurity security, SecurityGate gate, JobPlace? place = null)
{
    /// <summary>The variable with the job's name.</summary>
    public const string NameVariable = "AIR_JOB";

    private const string SecuritySection = "Air__Security__";

    private static readonly string[] SecurityVariables =
    [
        SecuritySection,
        "AIR_TLS",
        "AIR_SECRET",
        "AIR_API_KEYS",
        "AIR_HTTP_",
        "AIR_INSECURE",
        "AIR_ALLOWED_CODE",
    ];

    /// <summary>What the silo's own environment holds stays; what the user gave goes above all.</summary>
    /// <exception cref="AirException">No other process can reach the cluster, or a variable is refused.</exception>
    public void AddTo(
        IDictionary<string, string?> variables,
        JobSubmission job,
        int attempt,
        IReadOnlyList<int> devices
    )
    {
        if (place is null)
        {
            throw new AirException(
                "This cluster lives in one process (AirCluster.StartLocalAsync), which no other program can reach, so it runs no jobs. Start silos "
                    + "('air start'), and submit the job to them."
            );
        }

        gate.ThrowIfVariablesRefused($"Job '{job.Name}'", job.Environment.Keys);
        variables["AIR_CLUSTER"] = place.Cluster.ToString();
        variables["AIR_STORAGE"] = place.Storage.ToString();
        variables[NameVariable] = job.Name;
        variables["AIR_JOB_ATTEMPT"] = attempt.ToString(CultureInfo.InvariantCulture);
        AddSecurity(variables);
        if (job.Resources.Gpu > 0)
        {
            variables["CUDA_VISIBLE_DEVICES"] = string.Join(',', devices);
        }

        foreach (var (variable, value) in job.Environment)
        {
            variables[variable] = value;
        }
    }

    /// <summary>
    /// What the silo uses, wherever it was told, and nothing else of that kind: what the silo's own environment says may be overruled by its flags.
    /// </summary>
    private void AddSecurity(IDictionary<string, string?> variables)
    {
        foreach (var known in variables.Keys.Where(IsOfSecurity).ToList())
        {
            variables.Remove(known);
        }

        var options = security.Options;
        Add("Certificate", Whole(options.Certificate));
        Add("Key", Whole(options.Key));
        Add("Authority", Whole(options.Authority));
        Add("ServerName", options.ServerName);
        Add("CheckRevocation", options.CheckRevocation ? "true" : null);
        Add("SecretFile", Whole(options.SecretFile));
        Add("Secret", options.Secret);
        Add("ApiKeysFile", Whole(options.ApiKeysFile));
        foreach (var (name, key) in options.ApiKeys)
        {
            Add($"ApiKeys__{name}", key);
        }

        void Add(string key, string? value)
        {
            if (value is not null)
            {
                variables[SecuritySection + key] = value;
            }
        }
    }

    private static bool IsOfSecurity(string variable) =>
        SecurityVariables.Any(start => variable.StartsWith(start, StringComparison.OrdinalIgnoreCase));

    /// <summary>The program runs in another folder.</summary>
    private static string? Whole(string? file) => file is null ? null : Path.GetFullPath(file);
}
