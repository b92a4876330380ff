namespace Air.Orleans.Core.Shipping.Code;

/// <summary>Where the code of bundles comes from. Thread-safe.</summary>
internal interface ICodeLoader
{
    /// <summary>Loads the code of a bundle; may block.</summary>
    /// <param name="hash">The bundle's hash.</param>
    /// <param name="description">What needs it, for errors.</param>
    /// <exception cref="AirException">It is refused, is not kept any more, or cannot be loaded.</exception>
    CodeContext Load(string hash, string description);

    /// <summary>Tells that bundles are in use, so that they are kept.</summary>
    Task TouchAsync(IReadOnlyCollection<string> hashes);
}
