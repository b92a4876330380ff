namespace Air.Orleans.Core;

/// <summary>Adds <c>air.Blocks</c>.</summary>
public static class BlocksExtensions
{
    extension(IAirCluster air)
    {
        /// <summary>Blocks of rows in the memory of the silos: put, get, hold, free, broadcast.</summary>
        public BlocksDoor Blocks => new(air);
    }
}
