using Air.Orleans.Core.Resilience;

namespace Air.Orleans.Data.Control;

/// <summary>What an error says of the block that was asked for.</summary>
internal enum BlockFault
{
    /// <summary>The rows were lost, or the work that made them: made again, they may well come.</summary>
    Lost,

    /// <summary>Something that the work needs is away, and was waited for: it is told at once, and tried again for whoever asks next.</summary>
    Passing,

    /// <summary>The same inputs would give the same error.</summary>
    Lasting,
}

/// <summary>Tells what is worth another try from what is not.</summary>
internal static class BlockFaults
{
    public static BlockFault Of(Exception error) =>
        error switch
        {
            BlockLostException => BlockFault.Lost,
            // A grain or silo that stops cancels its work; what has no memory here may have it on another silo.
            OperationCanceledException or ObjectDisposedException or OutOfMemoryException => BlockFault.Lost,
            StorageException or BlockSpaceException => BlockFault.Passing,
            _ when GrainCalls.IsTransient(error) => BlockFault.Passing,
            // Users' exceptions arrive here as DatasetException.
            AirException => BlockFault.Lasting,
            _ => BlockFault.Passing,
        };
}
