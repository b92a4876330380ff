namespace Air.Orleans.Core.Checkpoints;

/// <summary>Names one shard of a file of a checkpoint.</summary>
internal readonly record struct ShardName(string Checkpoint, string File, int Index)
{
    /// <summary>The shard's key in the storage and on the data plane.</summary>
    public string Key => $"{Checkpoint}|{File}|{Index}";

    public override string ToString() => $"shard {Index} of file '{File}' of checkpoint '{Checkpoint}'";

    /// <summary>The run to which a checkpoint belongs by its id.</summary>
    /// <exception cref="CheckpointException">The id has no "/".</exception>
    public static string RunOf(string checkpoint)
    {
        var cut = checkpoint.LastIndexOf('/');
        return cut > 0
            ? checkpoint[..cut]
            : throw new CheckpointException(
                $"'{checkpoint}' is no id of a checkpoint: ids are the run, '/', and a name, such as 'my-run/1-20'."
            );
    }
}
