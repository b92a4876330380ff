using System.Globalization;
using Air.Orleans.Core.Jobs.Control;
using Air.Orleans.Core.Security;

namespace Air.Orleans.Core.Jobs;

/// <summary>What a job's program finds in its environment, so that it reaches the cluster that it runs in.</summary>
/// <param name="security">What the silo proves itself with; the program proves itself with the same.</param>
/// <param name="place">The cluster; null where it is embedded in one process.</param>
internal sealed class JobEnvironment(ClusterSecurity security, JobPlace? place = null)
{
    /// <summary>The variable with the job's name.</summary>
    public const string NameVariable = "AIR_JOB";

    /// <summary>What the silo's own environment holds stays; what the user gave goes above all.</summary>
    /// <exception cref="AirException">No other process can reach the cluster.</exception>
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

        variables["AIR_CLUSTER"] = place.Cluster.ToString();
        variables["AIR_STORAGE"] = place.Storage.ToString();
        variables[NameVariable] = job.Name;
        variables["AIR_JOB_ATTEMPT"] = attempt.ToString(CultureInfo.InvariantCulture);
        var options = security.Options;
        AddFile(variables, "Certificate", options.Certificate);
        AddFile(variables, "Key", options.Key);
        AddFile(variables, "Authority", options.Authority);
        AddFile(variables, "SecretFile", options.SecretFile);
        if (options.ServerName is { } name)
        {
            variables["Air__Security__ServerName"] = name;
        }

        if (options.Secret is { } secret)
        {
            variables["AIR_SECRET"] = secret;
        }

        if (job.Resources.Gpu > 0)
        {
            variables["CUDA_VISIBLE_DEVICES"] = string.Join(',', devices);
        }

        foreach (var (variable, value) in job.Environment)
        {
            variables[variable] = value;
        }
    }

    /// <summary>Whole, as the program runs in another folder.</summary>
    private static void AddFile(IDictionary<string, string?> variables, string key, string? file)
    {
        if (file is not null)
        {
            variables[$"Air__Security__{key}"] = Path.GetFullPath(file);
        }
    }
}
