using System.Globalization;

namespace Air.Orleans.Torch.Training;

/// <summary>An optimizer's memory as a safetensors file: its arrays, and the number of steps as metadata.</summary>
internal static class OptimizerState
{
    private const string StepKey = "step_count";

    public static byte[] Save(FlatOptimizer optimizer)
    {
        var writer = new SafetensorsWriter();
        writer.SetMetadata(StepKey, optimizer.StepCount.ToString(CultureInfo.InvariantCulture));
        foreach (var (name, values) in optimizer.State)
        {
            writer.Add(name, [values.Length], values);
        }

        return writer.ToArray();
    }

    public static void Load(FlatOptimizer optimizer, ReadOnlyMemory<byte> file)
    {
        var reader = new SafetensorsReader(file);
        var state = reader.Entries.ToDictionary(static entry => entry.Name, entry => reader.GetFloats(entry.Name));
        optimizer.Load(long.Parse(reader.Metadata[StepKey], CultureInfo.InvariantCulture), state);
    }
}
