namespace Air.Orleans.Benchmarks;

/// <summary>Prints what was measured as Markdown: medians, and ratios within one run.</summary>
internal static class Report
{
    public static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToList();
        return sorted[sorted.Count / 2];
    }

    public static void Head(string verb)
    {
        var cpu = File.Exists("/proc/cpuinfo")
            ? File.ReadLines("/proc/cpuinfo")
                .FirstOrDefault(static line => line.StartsWith("model name", StringComparison.Ordinal))
            : null;
        Console.WriteLine($"# {verb}");
        Console.WriteLine();
        Console.WriteLine($"`dotnet run -c Release --project bench -- {verb}`");
        Console.WriteLine();
        Console.WriteLine(
            $"{Environment.ProcessorCount} cores,{cpu?[(cpu.IndexOf(':') + 1)..] ?? " unknown processor"}, .NET {Environment.Version}"
        );
        Console.WriteLine();
    }

    public static string Folder() => Directory.CreateTempSubdirectory("air-bench-").FullName;
}
