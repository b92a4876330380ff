namespace Air.Orleans.Train.Control;

/// <summary>Whether a run begins again after a failure: pure arithmetic.</summary>
internal static class FailurePolicy
{
    /// <summary>Why the run ends now, or null where it begins again.</summary>
    public static string? EndsAfter(FailureConfig config, int siloLosses, int errors, string lastError)
    {
        if (errors > 0 && config.MaxErrors >= 0 && errors > config.MaxErrors)
        {
            return config.MaxErrors == 0
                ? lastError
                : $"{lastError} It was the error number {errors}; FailureConfig.MaxErrors allows {config.MaxErrors}.";
        }

        return siloLosses > 0 && config.MaxSiloLosses >= 0 && siloLosses > config.MaxSiloLosses
            ? $"{lastError} It was the loss number {siloLosses}; FailureConfig.MaxSiloLosses allows {config.MaxSiloLosses}."
            : null;
    }
}
