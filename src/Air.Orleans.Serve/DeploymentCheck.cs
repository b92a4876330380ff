namespace Air.Orleans.Serve;

/// <summary>Checks what a user asks to deploy, before anything is sent.</summary>
internal static class DeploymentCheck
{
    private const int LongestName = 100;

    /// <exception cref="ArgumentException">A value is out of range; the message names all that are.</exception>
    public static void Require(PredictorDeployment deployment, string name, string route)
    {
        var faults = new List<string>();
        if (
            name.Length > LongestName
            || !name.All(static letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_' or '.')
        )
        {
            faults.Add(
                $"The name '{name}' must be at most {LongestName} letters, digits, '-', '_' and '.', as it is in keys and paths."
            );
        }

        if (!IsRoute(route))
        {
            faults.Add(
                $"PredictorDeployment.Route is '{route}'; it must be a path such as '/cancer', without query, end slash or "
                    + "percent signs, and not begin with '/-/'."
            );
        }

        AtLeastOne(deployment.Replicas, nameof(deployment.Replicas));
        AtLeastOne(deployment.MaxOngoingRequests, nameof(deployment.MaxOngoingRequests));
        AtLeastOne(deployment.MaxBatchSize, nameof(deployment.MaxBatchSize));
        if (faults.Count > 0)
        {
            throw new ArgumentException(string.Join(" ", faults));
        }

        void AtLeastOne(int value, string property)
        {
            if (value < 1)
            {
                faults.Add($"PredictorDeployment.{property} is {value}; it must be at least 1.");
            }
        }
    }

    private static bool IsRoute(string route) =>
        route.StartsWith('/')
        && !route.StartsWith("/-/", StringComparison.Ordinal)
        && (route.Length == 1 || !route.EndsWith('/'))
        && Uri.TryCreate("http://localhost" + route, UriKind.Absolute, out var uri)
        && uri.AbsolutePath == route;
}
