namespace Air.Orleans.Core;

/// <summary>How a program is to run in the cluster. Immutable.</summary>
public sealed record JobOptions
{
    /// <summary>The job's name: letters, digits, '-', '_' and '.', at most 63.</summary>
    /// <value>One that no other job has.</value>
    public string? Name { get; init; }

    /// <summary>What the program is given, each as it is.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>Environment variables of the program, besides those of the silo. They are kept with the job, unencrypted.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>What is reserved for the program itself, apart from what the runs reserve that it starts.</summary>
    /// <value>Nothing: a program that only asks for runs needs next to nothing.</value>
    public ResourceSet Resources { get; init; } = new();

    /// <summary>
    /// How often it is started again when its silo is lost; a program that fails by itself is not. With one or more it is started again, too,
    /// whenever its silo stops in good order, which does not count.
    /// </summary>
    /// <value>0: nobody has said that the program may run twice.</value>
    public int Retries { get; init; }
}
